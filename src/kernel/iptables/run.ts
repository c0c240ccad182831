// Starts the iptables programs and says in tsns's terms what went wrong. Knows no rules.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { hasNetAdmin } from "../proc/capability.ts";
import { systemPath } from "../proc/search-path.ts";
import { namespaceProgram } from "../sandbox/location.ts";

export type Backend = "nft" | "legacy";

export interface IptablesOptions {
  /** Which of the installed variants; default: TSNS_IPTABLES (`nft` or `legacy`), else the machine's own choice. */
  readonly backend?: Backend;
  /** Directories to look for the programs in; default: systemPath. */
  readonly searchPath?: string;
  /** A network namespace's file; default: the one of this process. */
  readonly namespacePath?: string;
}

/** How a program ended: exit status and what it wrote. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function programName(family: IpFamily, suffix: string, options: IptablesOptions): string {
  const chosen = options.backend ?? process.env.TSNS_IPTABLES;
  const variant = chosen === "nft" || chosen === "legacy" ? `-${chosen}` : "";
  return `${family === "ipv6" ? "ip6tables" : "iptables"}${variant}${suffix}`;
}

/** Environment of the programs: messages in English. */
export function iptablesEnvironment(searchPath = systemPath()): NodeJS.ProcessEnv {
  return { PATH: searchPath, LC_ALL: "C" };
}

/** Runs `iptables`, `iptables-save` or `iptables-restore` (`suffix`). Throws TsnsError unsupported `iptables-missing`. */
export function runIptables(
  family: IpFamily,
  suffix: "" | "-save" | "-restore",
  args: readonly string[],
  options: IptablesOptions,
  input = "",
): Outcome {
  const program = programName(family, suffix, options);
  const env = iptablesEnvironment(options.searchPath);
  const within = options.namespacePath === undefined ? [] : [namespaceProgram, "enter", "ns", "net", options.namespacePath, "--"];
  const [file = program, ...words] = [...within, program, ...args];
  const result = spawnSync(file, words, { input, env, encoding: "utf8", maxBuffer: 256 << 20 });
  if (result.error) {
    if (!isErrno(result.error, "ENOENT", "EACCES")) {
      throw new TsnsError("unavailable", "iptables-failed", `cannot run ${program}`, { cause: result.error });
    }
    throw missing(program, result.error);
  }
  return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
}

function missing(program: string, cause?: Error): TsnsError {
  return new TsnsError("unsupported", "iptables-missing", `${program} is not installed`, { hint: "apt-get install iptables", cause });
}

/**
 * Throws TsnsError unsupported `iptables-missing` unless what changes rules can be run. Starts nothing: for commands that would
 * otherwise notice it half way.
 */
export function requireIptables(family: IpFamily = "ipv4", options: IptablesOptions = {}): void {
  const folders = (iptablesEnvironment(options.searchPath).PATH ?? "").split(":").filter((folder) => folder !== "");
  for (const suffix of ["-save", "-restore"]) {
    const program = programName(family, suffix, options);
    if (!folders.some((folder) => isExecutable(`${folder}/${program}`))) throw missing(program);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The error for an outcome other than 0. Exit statuses: 2 not understood, 3 table missing in the kernel, 4 resource problem, which
 * is the xtables lock of the legacy backend (xtables.h: PARAMETER_PROBLEM, VERSION_PROBLEM, RESOURCE_PROBLEM).
 */
export function iptablesError(outcome: Outcome, doing: string, privileged: boolean = hasNetAdmin()): TsnsError {
  const said = outcome.stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("Try "));
  const message = `cannot ${doing}: ${said.join("; ") || `exit status ${outcome.status}`}`;
  if (!privileged) return new TsnsError("denied", "iptables-denied", message, { hint: "run as root (CAP_NET_ADMIN)" });
  if (outcome.status === 3) {
    return new TsnsError("unsupported", "iptables-table", message, { hint: "load the kernel's iptables modules: modprobe iptable_nat" });
  }
  if (outcome.status === 4) {
    return new TsnsError("unavailable", "iptables-busy", message, { hint: "another program holds the rules; try again" });
  }
  return new TsnsError("internal", "iptables-failed", message);
}

/** Which backend `iptables` is: "iptables v1.8.9 (nf_tables)". Versions before 1.8 name none and are legacy. */
export function readBackend(family: IpFamily = "ipv4", options: IptablesOptions = {}): { version: string; backend: Backend } {
  const outcome = runIptables(family, "", ["--version"], options);
  const match = /v(\d[\w.]*)(?:\s+\((\w+)\))?/.exec(outcome.stdout);
  if (outcome.status !== 0 || !match) throw iptablesError(outcome, "ask iptables for its version");
  return { version: match[1] ?? "", backend: match[2] === "nf_tables" ? "nft" : "legacy" };
}
