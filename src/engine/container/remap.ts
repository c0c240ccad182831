// --userns remap: the ids a user of the host was given in /etc/subuid and /etc/subgid, chosen when the container is created.
import { TsnsError } from "../../base/error.ts";
import type { IsolationSettings } from "../../container/spec/isolation.ts";
import { findSubordinateIds, type IdRange } from "../../container/subordinate-id.ts";
import { tryReadText } from "../../kernel/text-file.ts";

/** Throws TsnsError unsupported when the user has none. */
export function remapIds(user: string): NonNullable<IsolationSettings["userNamespace"]> {
  const names = namesOf(user);
  const uids = rangeOf("/etc/subuid", user, names);
  const gids = rangeOf("/etc/subgid", user, names);
  return { uid: uids.first, gid: gids.first, size: Math.min(uids.count, gids.count) };
}

/** A line of subuid(5) begins with the name or with the number: the other one is in /etc/passwd. */
function namesOf(user: string): readonly string[] {
  const [name, , uid] = readLines("/etc/passwd")
    .map((line) => line.split(":"))
    .find(([name, , uid]) => name === user || uid === user) ?? [user, "", user];
  return [...new Set([user, name ?? user, uid ?? user])];
}

const readLines = (path: string): readonly string[] => readText(path).split("\n");

const readText = (path: string): string => tryReadText(path) ?? "";

function rangeOf(path: string, user: string, names: readonly string[]): IdRange {
  const range = findSubordinateIds(readText(path), names);
  if (range) return range;
  throw new TsnsError("unsupported", "no-subordinate-ids", `--userns remap: ${path} has no ids for ${user}`, {
    hint: `give it some: echo ${user}:100000:65536 >> ${path}; or choose them yourself: --userns private:100000`,
    exitCode: 125,
  });
}
