// Every rule set of this network namespace: both families, both backends, where they are there. Reads only; the programs run
// side by side, as each takes as long as its rules are many.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { parseRuleSet, type RuleSet } from "./parse.ts";
import { type Backend, iptablesEnvironment, iptablesError, type Outcome } from "./run.ts";

export interface BackendRules {
  readonly family: IpFamily;
  readonly backend: Backend;
  readonly set: RuleSet;
  /** Tables of nftables whose rules iptables has no words for ("inet firewalld"); only `nft` lists them. */
  readonly hidden: readonly string[];
}

export interface RuleChoice {
  readonly family?: IpFamily | undefined;
  readonly backend?: Backend | undefined;
}

/** Tables of the legacy backend exist when these files name them; asking the program would load the kernel's module. */
const legacyTables: Readonly<Record<IpFamily, string>> = {
  ipv4: "/proc/self/net/ip_tables_names",
  ipv6: "/proc/self/net/ip6_tables_names",
};

/** False when there are no legacy tables; true as well when that may not be seen, so that the program says what is missing. */
function hasLegacyTables(family: IpFamily): boolean {
  try {
    return readFileSync(legacyTables[family], "latin1").trim() !== "";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    if (isErrno(error, "EACCES", "EPERM")) return true;
    throw error;
  }
}

/** Undefined when the program is not installed. */
function run(program: string): Promise<Outcome | undefined> {
  return new Promise((done, failed) => {
    const child = spawn(program, ["-c"], { env: iptablesEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (error) => {
      if (isErrno(error, "ENOENT", "EACCES")) done(undefined);
      else failed(new TsnsError("unavailable", "iptables-failed", `cannot run ${program}`, { cause: error }));
    });
    child.on("close", (status) =>
      done({ status: status ?? 128, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") }),
    );
  });
}

/** The names in "# Table `firewalld' is incompatible, use 'nft' tool." and its likes of iptables-nft-save. */
export function parseHiddenTables(text: string): readonly string[] {
  return [...text.matchAll(/^# Table [`']([^']+)' (?:is incompatible|contains)/gm)].map((match) => match[1] ?? "");
}

/** All rule sets that were chosen. Throws TsnsError: unsupported `iptables-missing`, denied `iptables-denied`, `iptables-output`. */
export async function readAllRules(choice: RuleChoice = {}): Promise<readonly BackendRules[]> {
  const families: readonly IpFamily[] = choice.family ? [choice.family] : ["ipv4", "ipv6"];
  const backends: readonly Backend[] = choice.backend ? [choice.backend] : ["nft", "legacy"];
  const wanted = families.flatMap((family) => backends.map((backend) => ({ family, backend })));
  const asked = wanted.filter(({ family, backend }) => backend === "nft" || hasLegacyTables(family));
  const answers = await Promise.all(
    asked.map(({ family, backend }) => run(`${family === "ipv6" ? "ip6tables" : "iptables"}-${backend}-save`)),
  );
  const missing = asked.length > 0 && answers.every((outcome) => outcome === undefined);
  if (missing) throw new TsnsError("unsupported", "iptables-missing", "iptables is not installed", { hint: "apt-get install iptables" });
  return asked.flatMap(({ family, backend }, at) => {
    const outcome = answers[at];
    if (!outcome) return [];
    if (outcome.status !== 0) throw iptablesError(outcome, "list the iptables rules");
    return [{ family, backend, set: parseRuleSet(outcome.stdout), hidden: parseHiddenTables(outcome.stdout) }];
  });
}
