// --security-opt in docker's words: KEY=VALUE, for some also KEY:VALUE. A file is read here; what it means is the engine's to find out.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeErrno } from "../../../src/base/error.ts";
import { hostArchitecture } from "../../../src/container/seccomp/architecture.ts";
import { compactJson, parseSeccomp } from "../../../src/container/seccomp/parse.ts";
import type { SecuritySettings } from "../../../src/container/spec/security.ts";
import { badOption, type CreatePart, refusedOption } from "./part.ts";

/** What the words of one command line come to. */
export type SecurityChoice = Pick<
  SecuritySettings,
  "noNewPrivileges" | "seccomp" | "apparmor" | "systemPaths" | "spoofing" | "securityOpt"
>;

type Writable = { -readonly [Name in keyof SecurityChoice]: SecurityChoice[Name] };

const keys = "use no-new-privileges, seccomp=, apparmor=, systempaths=unconfined, spoofing=allowed or label=disable";

/** Go's strconv.ParseBool. */
const truth: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...["1", "t", "T", "TRUE", "true", "True"].map((word) => [word, true]),
  ...["0", "f", "F", "FALSE", "false", "False"].map((word) => [word, false]),
]);

/** Reads all of them in order; of two on the same subject the later holds. Wrong ones are collected as problems. */
export function parseSecurityOptions(part: CreatePart, words: readonly string[] | undefined): SecurityChoice {
  const choice: Writable = { noNewPrivileges: false };
  const shown: string[] = [];
  for (const word of words ?? []) part.read(() => void shown.push(...takeWord(part, choice, word)), undefined);
  if (shown.length > 0) choice.securityOpt = shown;
  return choice;
}

/** The key and what follows = or, without one, the first colon. */
function split(word: string): readonly [key: string, value: string] {
  const at = word.includes("=") ? word.indexOf("=") : word.indexOf(":");
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}

/** Takes one word over into `choice`; returns what inspect shows of it. */
function takeWord(part: CreatePart, choice: Writable, word: string): readonly string[] {
  const [key, value] = split(word);
  if (value === "" && word !== "no-new-privileges") throw badOption(`Invalid --security-opt: "${word}"`, keys);
  switch (key) {
    case "no-new-privileges": {
      const wanted = word === key || truth[value];
      if (wanted === undefined) throw refusedOption(`invalid --security-opt 2: "${word}"`, "use no-new-privileges, or =true, =false");
      choice.noNewPrivileges = wanted;
      return [word];
    }
    case "seccomp":
      return takeSeccomp(part, choice, value);
    case "apparmor":
      choice.apparmor = value;
      return [word];
    case "systempaths":
      if (value !== "unconfined") throw refusedOption(`invalid --security-opt 2: "${word}"`, "use systempaths=unconfined");
      choice.systemPaths = value;
      return [];
    case "spoofing":
      if (value !== "allowed") throw refusedOption(`invalid --security-opt 2: "${word}"`, "use spoofing=allowed");
      choice.spoofing = value;
      return [word];
    case "label":
      if (value === "disable") return [word];
      throw badOption(`--security-opt ${word}: tsns sets no SELinux labels`, "use label=disable, or leave it out");
    case "writable-cgroups":
      throw badOption(`--security-opt ${word}: the cgroup mount of a container is read-only`, "use --privileged for a writable one");
    default:
      throw refusedOption(`invalid --security-opt 2: "${word}"`, keys);
  }
}

function takeSeccomp({ context }: CreatePart, choice: Writable, value: string): readonly string[] {
  delete choice.seccomp;
  if (value === "builtin") return ["seccomp=builtin"];
  if (value === "unconfined") {
    choice.seccomp = value;
    return ["seccomp=unconfined"];
  }
  const path = resolve(context.cwd, value);
  const text = readProfile(path, value);
  // for the machine's own architecture; where tsns has none, a start says so
  parseSeccomp(text, hostArchitecture(process.arch) ?? "amd64");
  choice.seccomp = { path, profile: compactJson(text) };
  return ["seccomp"];
}

/** Far above any profile; what is larger is another file. */
const mostBytes = 4 << 20;

function readProfile(path: string, value: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= mostBytes) return bytes.toString("utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? `${error.code}` : "EIO";
    throw badOption(
      `opening seccomp profile (${value}) failed: open ${value}: ${describeErrno(code)}`,
      "name a file, unconfined or builtin",
    );
  }
  throw badOption(`opening seccomp profile (${value}) failed: larger than 4 MiB`, "name a profile in JSON");
}
