// Kills tsns at every step of a use case (one run per step) and lets the doctor bring the host back to what it was, byte for byte:
// links, addresses, routes, rules, cgroups and mounts. For test files in namespaces of their own.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Test } from "tap";
import { makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const killer = new URL("../fixture/step-killer.ts", import.meta.url).pathname;

/** `env` is added to the root's. */
export function perform(
  root: DataRoot,
  useCase: string,
  number = 0,
  env: Readonly<Record<string, string>> = {},
): { readonly killed: boolean; readonly steps: number } {
  const result = spawnSync(process.execPath, [killer, useCase, `${number}`], { env: { ...root.env(), ...env }, encoding: "utf8" });
  if (result.signal === null && result.status !== 0) throw new Error(`${useCase}, step ${number}: ${result.stderr}`);
  return { killed: result.signal === "SIGKILL", steps: Number(result.stdout) };
}

function output(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const groupsBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${directory}/${entry.name}`] : []));

/** The host as others see it. Of the cgroups, which other tests change meanwhile, those of this root's containers. */
export function hostState(ids: ReadonlySet<string>): string {
  const groups = groupsBelow("/sys/fs/cgroup").flatMap(groupsBelow);
  // The kernel's search for duplicates of the bridge's own IPv6 address ends whenever it ends.
  const plain = (json: string) => json.replaceAll(/"(valid|preferred)_life_time":\d+|"tentative":true,?/g, "");
  return [
    output("ip", "-j", "link"),
    plain(output("ip", "-j", "addr")),
    output("ip", "-j", "route"),
    output("ip", "-6", "-j", "route"),
    ...["iptables-save", "ip6tables-save"].map((program) => output(program).replaceAll(/^#.*\n/gm, "")),
    groups.filter((path) => ids.has(path.slice(-64))).join("\n"),
    readFileSync("/proc/self/mountinfo", "utf8"),
  ].join("\n");
}

/** Read past the command, which would repair what it lists. */
function idsOf(root: DataRoot): readonly string[] {
  using store = new DatabaseSync(`${root.path}/store.db`, { readOnly: true });
  return store
    .prepare("SELECT id FROM container")
    .all()
    .map((row) => String(row.id));
}

/** A container runs, or its monitor is about to clean up. */
const hasMonitor = (root: DataRoot): boolean =>
  readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).startsWith(`tsns-monitor ${root.path}/`));

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // a process that has ended meanwhile
  }
}

interface Scenario {
  readonly useCase: string;
  /** Brings about what the use case is done on. */
  readonly before: (root: DataRoot) => Promise<unknown>;
  /** How many of the kills leave something that nobody but the doctor takes away, at least. */
  readonly leastReports: number;
  /** Ends what a kill has left complete, as its user would. */
  readonly after: (root: DataRoot) => Promise<unknown>;
}

const run = ["run", "-d", "--name", "victim", "--network", "net", "-p", "0:80", "--memory", "64m", "busybox", "sleep", "100000"];
const nothing = async () => {};
const scenarios: readonly Scenario[] = [
  { useCase: "run", leastReports: 20, before: nothing, after: (root) => root.tsns(["rm", "-f", "victim"]) },
  { useCase: "stop", leastReports: 0, before: (root) => root.ok(run), after: (root) => root.ok(["rm", "-f", "victim"]) },
  { useCase: "rm", leastReports: 0, before: (root) => root.ok(run), after: (root) => root.tsns(["rm", "-f", "victim"]) },
  { useCase: "network create", leastReports: 4, before: nothing, after: (root) => root.tsns(["network", "rm", "victim"]) },
  {
    useCase: "network rm",
    leastReports: 1,
    before: (root) => root.ok(["network", "create", "--ipv6", "victim"]),
    after: (root) => root.tsns(["network", "rm", "victim"]),
  },
];

interface Judged {
  readonly reported: boolean;
}

/** The doctor after a kill: what is neither as before nor living is reported and repaired. */
async function judge(t: Test, root: DataRoot, { useCase, after }: Scenario, number: number, scene: Scene): Promise<Judged> {
  const said = `${useCase}, killed before step ${number}`;
  const { baseline, ids } = scene;
  for (const id of idsOf(root)) ids.add(id);
  const fixed = await root.tsns(["doctor", "--fix", "--json"]);
  t.equal(fixed.code, 0, `${said}: repaired${fixed.code === 0 ? "" : `: ${fixed.stdout}${fixed.stderr}`}`);
  const repaired = (JSON.parse(fixed.stdout) as { kind: string; repaired: boolean }[]).map(({ kind }) => kind);
  if (isComplete(root, useCase) || hasMonitor(root)) await after(root);
  await waitFor(
    () => `${said}: the host is as it was, but ${firstDifference(baseline, hostState(ids))}`,
    () => hostState(ids) === baseline,
  );
  if (!useCase.startsWith("network")) await root.tsns(["rm", "-f", "victim"]);
  return { reported: repaired.length > 0 };
}

/** A network that is there with all it has is no leftover: its user removes it. */
function isComplete(root: DataRoot, useCase: string): boolean {
  if (!useCase.startsWith("network")) return false;
  using store = new DatabaseSync(`${root.path}/store.db`, { readOnly: true });
  return store.prepare("SELECT 1 FROM network WHERE name = 'victim'").get() !== undefined;
}

export function firstDifference(one: string, other: string): string {
  const lines = new Set(one.split("\n"));
  return other.split("\n").find((line) => !lines.has(line)) ?? "something is missing";
}

interface Scene {
  readonly baseline: string;
  readonly ids: Set<string>;
}

/** The kernel removes the links of a namespace a moment after its last process has gone. */
async function settled(ids: ReadonlySet<string>): Promise<string> {
  await waitFor("no veth pair is left", () => !output("ip", "-j", "link").includes('"veth'));
  let before = "";
  return waitFor("nothing changes any more", () => {
    const now = hostState(ids);
    const same = now === before;
    before = now;
    return same && now;
  });
}

/** Kills at each step of the named use cases. */
export async function killAtEveryStep(t: Test, names: readonly string[]): Promise<void> {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "--ipv6", "net"]);
  const ids = new Set<string>();
  const chosen = scenarios.filter(({ useCase }) => names.includes(useCase));
  // Once without a kill: tables that iptables makes and the kernel keeps are there from then on.
  for (const { useCase, before, after } of chosen) {
    await before(root);
    perform(root, useCase);
    await after(root);
  }
  const scene = { baseline: await settled(ids), ids };
  for (const scenario of chosen) {
    let reports = 0;
    let number = 1;
    for (; ; number++) {
      await scenario.before(root);
      const { killed } = perform(root, scenario.useCase, number);
      if ((await judge(t, root, scenario, number, scene)).reported) reports++;
      if (!killed) break;
    }
    t.ok(number > 3, `${scenario.useCase} has ${number - 1} steps`);
    t.ok(reports >= scenario.leastReports, `${reports} kills left something that the doctor reports`);
    t.match(await root.tsns(["doctor"]), { code: 0, stdout: "nothing is left over\n" });
  }
  await root.ok(["network", "rm", "net"]);
}
