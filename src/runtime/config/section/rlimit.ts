// `process.rlimits` (runtime-spec 1.2, config.md, POSIX process).
import { rlimitNumbers } from "../../../container/rlimit.ts";
import { items, member, type Node, needed, neededText, problem, quote, unsigned64 } from "../node.ts";
import type { RuntimeRlimit } from "../type.ts";

const types: ReadonlySet<string> = new Set([...Object.keys(rlimitNumbers), "as"].map((name) => `RLIMIT_${name.toUpperCase()}`));

function rlimitOf(node: Node): RuntimeRlimit | undefined {
  const type = neededText(member(node, "type"));
  if (type !== undefined && !types.has(type)) problem(member(node, "type"), `${quote(type)} is no limit of getrlimit(2)`);
  const soft = needed(member(node, "soft"), unsigned64);
  const hard = needed(member(node, "hard"), unsigned64);
  if (type === undefined || soft === undefined || hard === undefined) return undefined;
  if (soft > hard) problem(node, `soft ${soft} is above hard ${hard}`);
  return { type, soft, hard };
}

export function parseRlimits(node: Node): readonly RuntimeRlimit[] {
  const seen = new Set<string>();
  return items(node).flatMap((each) => {
    const limit = rlimitOf(each);
    if (!limit) return [];
    if (seen.has(limit.type)) problem(each, `${limit.type} is there twice`);
    seen.add(limit.type);
    return [limit];
  });
}
