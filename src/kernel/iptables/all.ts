// Every rule set of this network namespace: both families, both backends, where they are there. Reads only. The programs run one after
// the other: of four at most one or two have rules, and waiting for several at once costs more than an empty listing takes.
import { readFileSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { runProgram } from "../proc/program.ts";
import { parseRuleSet, type RuleSet } from "./parse.ts";
import { type Backend, iptablesEnvironment, iptablesError, type Outcome } from "./run.ts";

export interface BackendRules {
  readonly family: IpFamily;
  readonly backend: Backend;
  /** What the program printed; parseRuleLines reads it without taking it apart. */
  readonly text: string;
  /** Read at first use. */
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
export function hasLegacyTables(family: IpFamily): boolean {
  try {
    return readFileSync(legacyTables[family], "latin1").trim() !== "";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    if (isErrno(error, "EACCES", "EPERM")) return true;
    throw error;
  }
}

/** Undefined when the program is not installed. */
function run(program: string): Outcome | undefined {
  const { PATH = "", LC_ALL = "C" } = iptablesEnvironment();
  try {
    const { status, stdout, stderr } = runProgram(program, ["-c"], undefined, [`PATH=${PATH}`, `LC_ALL=${LC_ALL}`]);
    return { status, stdout: stdout.toString("latin1"), stderr: stderr.toString("utf8") };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.errno === "ENOENT" || error.errno === "EACCES") return undefined;
    throw new TsnsError("unavailable", "iptables-failed", `cannot run ${program}`, { cause: error });
  }
}

/** Rules are nearly always ASCII, whose bytes are their text already. */
function decode(latin1: string): string {
  return /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;
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
  const answers = asked.map(({ family, backend }) => run(`${family === "ipv6" ? "ip6tables" : "iptables"}-${backend}-save`));
  const missing = asked.length > 0 && answers.every((outcome) => outcome === undefined);
  if (missing) throw new TsnsError("unsupported", "iptables-missing", "iptables is not installed", { hint: "apt-get install iptables" });
  return asked.flatMap(({ family, backend }, at) => {
    const outcome = answers[at];
    if (!outcome) return [];
    if (outcome.status !== 0) throw iptablesError(outcome, "list the iptables rules");
    return [backendRules(family, backend, decode(outcome.stdout))];
  });
}

function backendRules(family: IpFamily, backend: Backend, text: string): BackendRules {
  let set: RuleSet | undefined;
  return {
    family,
    backend,
    text,
    get set() {
      set ??= parseRuleSet(text);
      return set;
    },
    hidden: parseHiddenTables(text),
  };
}
