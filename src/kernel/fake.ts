// A kernel of plain values for tests: performs steps on an in-memory host and refuses what a real one would refuse.
// One contract (test/contract/) holds for it and for the real kernel, for the steps that need no sandbox. Nothing shipped imports it.
import { KernelError, TsnsError } from "../base/error.ts";
import type { Rule, RuleChange, RuleTransaction } from "../plan/rule.ts";
import type { Step, StepKind, StepOf } from "../plan/step.ts";
import type { Kernel } from "./apply.ts";
import { normalRule, targetOf } from "./iptables/compare.ts";

/** A directory has no text. */
export interface FakeEntry {
  readonly mode: number;
  readonly text?: string;
}

export interface FakeLink {
  readonly mac: string;
  readonly up: boolean;
  readonly addresses: readonly string[];
}

/** What is on the host; tests read it and may prepare it. */
export interface FakeHost {
  /** Files and directories by absolute path. */
  readonly entries: Map<string, FakeEntry>;
  /** Values written to a cgroup's files, by the cgroup's path and the file's name. */
  readonly cgroups: Map<string, Map<string, string>>;
  readonly links: Map<string, FakeLink>;
  readonly sysctls: Map<string, string>;
  /** Rules by `table chain`; the built-in chains are always there. */
  readonly chains: Map<string, readonly Rule[]>;
  /** Steps that succeeded, in order. */
  readonly performed: Step[];
}

export interface FakeKernel extends Kernel {
  readonly host: FakeHost;
  /** Makes the next step of that kind fail with the errno name, without an effect. */
  failNext(kind: StepKind, errno: string): void;
}

const builtInChains = {
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  raw: ["PREROUTING", "OUTPUT"],
} as const;

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

function fail(syscall: string, errno: string, target: string): never {
  throw new KernelError(syscall, errno, target);
}

/** Directories to make for `path`, topmost first. */
function missingParents(host: FakeHost, path: string): string[] {
  const entry = host.entries.get(path);
  if (entry?.text !== undefined) fail("mkdir", "EEXIST", path);
  return entry ? [] : [...missingParents(host, parentOf(path)), path];
}

function writeFile(host: FakeHost, { path, text, mode }: StepOf<"file.write">): void {
  const parent = host.entries.get(parentOf(path));
  const old = host.entries.get(path);
  if (!parent) fail("write", "ENOENT", path);
  if (parent.text !== undefined) fail("write", "ENOTDIR", path);
  if (old && old.text === undefined) fail("write", "EISDIR", path);
  host.entries.set(path, { text, mode: old?.mode ?? mode });
}

const below = (keys: Iterable<string>, path: string) => [...keys].filter((key) => key.startsWith(`${path}/`));

function removeTree(host: FakeHost, path: string, within: string): void {
  if (!path.startsWith(`${within}/`) || /\/\.{0,2}(\/|$)/.test(path)) {
    throw new TsnsError("invalid", "tree-outside", `refusing to remove ${path}: it does not lie below ${within}`);
  }
  for (const key of [path, ...below(host.entries.keys(), path)]) host.entries.delete(key);
}

function removeDirectory(host: FakeHost, path: string): void {
  const entry = host.entries.get(path);
  if (!entry) return;
  if (entry.text !== undefined) fail("rmdir", "ENOTDIR", path);
  if (below(host.entries.keys(), path).length > 0) fail("rmdir", "ENOTEMPTY", path);
  host.entries.delete(path);
}

function changeLink(host: FakeHost, name: string, syscall: string, change: (link: FakeLink) => FakeLink): void {
  const link = host.links.get(name);
  if (!link) fail(syscall, "ENODEV", name);
  host.links.set(name, change(link));
}

function addBridge(host: FakeHost, { name, mac }: StepOf<"bridge.add">): void {
  const old = host.links.get(name);
  if (old && old.mac !== mac.toLowerCase()) fail("add bridge", "EEXIST", name);
  if (!old) host.links.set(name, { mac: mac.toLowerCase(), up: false, addresses: [] });
}

const keyOf = (rule: Rule): string => `${rule.table} ${rule.chain}`;

function refused(what: string): never {
  throw new TsnsError("internal", "iptables-failed", `cannot change the iptables rules: ${what}`);
}

/** One change on a copy of the chains. */
function changeChains(chains: Map<string, readonly Rule[]>, change: RuleChange): void {
  if (change.change === "chain.create") return void chains.set(`${change.table} ${change.chain}`, []);
  if (change.change === "chain.ensure") {
    const key = `${change.table} ${change.chain}`;
    return void chains.set(key, chains.get(key) ?? []);
  }
  if (change.change === "chain.remove") {
    const used = [...chains].some(
      ([key, rules]) => key.startsWith(`${change.table} `) && rules.some((rule) => targetOf(rule) === change.chain),
    );
    if (used) refused(`${change.chain} is in use`);
    return void chains.delete(`${change.table} ${change.chain}`);
  }
  const { rule } = change;
  const rules = chains.get(keyOf(rule));
  const same = (other: Rule) => normalRule(other) === normalRule(rule);
  if (change.change === "rule.remove") {
    const at = rules?.findIndex(same) ?? -1;
    if (rules && at >= 0) chains.set(keyOf(rule), rules.toSpliced(at, 1));
    return;
  }
  if (!rules) refused(`no chain ${rule.chain}`);
  const target = targetOf(rule);
  if (target?.startsWith("TSNS-") && !chains.has(`${rule.table} ${target}`)) refused(`no chain ${target}`);
  const isBuiltIn = Object.values(builtInChains).some((names) => (names as readonly string[]).includes(rule.chain));
  if (isBuiltIn && rules.some(same)) return;
  chains.set(keyOf(rule), change.change === "rule.insert" ? [rule, ...rules] : [...rules, rule]);
}

/** All of a transaction or nothing. */
function applyRules(host: FakeHost, transaction: RuleTransaction): void {
  const chains = new Map(host.chains);
  for (const change of transaction.changes) changeChains(chains, change);
  host.chains.clear();
  for (const [key, rules] of chains) host.chains.set(key, rules);
}

type Executors = { readonly [K in StepKind]?: (host: FakeHost, step: StepOf<K>) => void };

const executors: Executors = {
  "directory.create": (host, step) => {
    for (const path of missingParents(host, step.path)) host.entries.set(path, { mode: step.mode });
  },
  "directory.remove": (host, step) => removeDirectory(host, step.path),
  "tree.remove": (host, step) => removeTree(host, step.path, step.within),
  "file.write": writeFile,
  "filesystem.create": (host, step) => writeFile(host, { kind: "file.write", path: step.path, text: "ext4", mode: 0o600 }),
  // An empty group of that name is replaced: none of its limits survive.
  "cgroup.create": (host, step) => {
    if (!host.cgroups.has(parentOf(step.path)) && !isHierarchy(parentOf(step.path))) fail("mkdir", "ENOENT", step.path);
    host.cgroups.set(step.path, new Map());
  },
  "cgroup.write": (host, step) => {
    const group = host.cgroups.get(parentOf(step.path));
    if (!group) fail("write", "ENOENT", step.path);
    group.set(step.path.slice(parentOf(step.path).length + 1), step.value);
  },
  "cgroup.remove": (host, step) => {
    for (const key of [step.path, ...below(host.cgroups.keys(), step.path)]) host.cgroups.delete(key);
  },
  "bridge.add": addBridge,
  "link.up": (host, step) => changeLink(host, step.name, "set link up", (link) => ({ ...link, up: true })),
  "address.add": (host, step) =>
    changeLink(host, step.link, "add address", (link) => ({ ...link, addresses: [...new Set([...link.addresses, step.address])] })),
  "link.remove": (host, step) => void host.links.delete(step.name),
  "sysctl.write": (host, step) => {
    if (!host.sysctls.has(step.key)) fail("write", "ENOENT", `/proc/sys/${step.key.replaceAll(".", "/")}`);
    host.sysctls.set(step.key, step.value);
  },
  "rule.apply": (host, step) => applyRules(host, step.transaction),
};

/** A cgroup hierarchy is mounted there: /sys/fs/cgroup/NAME. */
const isHierarchy = (path: string): boolean => /^\/sys\/fs\/cgroup\/[^/]+$/.test(path);

/** A host with an empty root directory, IPv4 forwarding off, and no rules. */
export function createFakeKernel(): FakeKernel {
  const host: FakeHost = {
    entries: new Map([["/", { mode: 0o755 }]]),
    cgroups: new Map(),
    links: new Map(),
    sysctls: new Map([["net.ipv4.ip_forward", "0"]]),
    chains: new Map(
      Object.entries(builtInChains).flatMap(([table, names]) => names.map((name): [string, Rule[]] => [`${table} ${name}`, []])),
    ),
    performed: [],
  };
  const failures = new Map<StepKind, string>();
  return {
    host,
    failNext: (kind, errno) => void failures.set(kind, errno),
    perform(step) {
      const errno = failures.get(step.kind);
      if (failures.delete(step.kind) && errno !== undefined) fail(step.kind, errno, step.kind);
      const execute = executors[step.kind] as ((host: FakeHost, step: Step) => void) | undefined;
      if (!execute) throw new TsnsError("internal", "no-executor", `${step.kind} is carried out by its use case, not by apply`);
      execute(host, step);
      host.performed.push(step);
    },
  };
}
