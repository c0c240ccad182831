// Tries iptables rules, each in an empty network namespace of its own that dies with the program. Knows no meaning of rules.
import { spawn } from "node:child_process";
import { systemPath } from "../proc/search-path.ts";
import { namespaceProgram } from "../sandbox/location.ts";

export interface RuleTrial {
  /** iptables-restore, ip6tables-legacy-restore ... */
  readonly program: string;
  readonly table: string;
  /** As after `iptables`: "-A POSTROUTING -j MASQUERADE"; empty: only the table. */
  readonly rule: string;
}

export interface RuleAnswer {
  readonly status: "yes" | "no" | "denied" | "missing";
  /** First line of what the program said. */
  readonly said: string;
}

/** One trial. Never rejects. */
export function tryRule({ program, table, rule }: RuleTrial): Promise<RuleAnswer> {
  return new Promise((done) => {
    const child = spawn(namespaceProgram, ["fresh", program], {
      env: { PATH: systemPath(), LC_ALL: "C" },
      stdio: ["pipe", "ignore", "pipe"],
      timeout: 20_000,
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdin.on("error", () => {});
    child.once("error", () => done({ status: "missing", said: `cannot run ${namespaceProgram}` }));
    child.once("close", (code) => done(judge(code, said)));
    child.stdin.end(`*${table}\n${rule === "" ? "" : `${rule}\n`}COMMIT\n`);
  });
}

function judge(code: number | null, text: string): RuleAnswer {
  // The program's own hint at its manual is of no use here.
  const said = text.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  if (code === 0) return { status: "yes", said: "" };
  const [errno, syscall] = said.split("\t");
  if (code === 125 && syscall === "execve") return { status: "missing", said: "" };
  if (code === 125 && (errno === "EPERM" || errno === "EACCES")) return { status: "denied", said: `${syscall}: ${errno}` };
  return { status: "no", said: said || `exit status ${code}` };
}

/** All of them, a few at a time. */
export async function tryRules<K extends string>(trials: ReadonlyMap<K, RuleTrial>): Promise<ReadonlyMap<K, RuleAnswer>> {
  const answers = new Map<K, RuleAnswer>();
  const queue = [...trials];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) answers.set(next[0], await tryRule(next[1]));
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return answers;
}
