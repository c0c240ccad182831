// What every kernel promises to plans: the same suite over the in-memory one and over this machine's, in namespaces of its own.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { applyPlan, type Kernel, realKernel } from "../../src/kernel/apply.ts";
import { readCgroupLayout } from "../../src/kernel/cgroup/layout.ts";
import { readRules } from "../../src/kernel/iptables/index.ts";
import { bridgeName, namesOfBridge } from "../../src/network/name.ts";
import { planNetwork } from "../../src/network/plan.ts";
import { undoOf } from "../../src/plan/plan.ts";
import type { Rule } from "../../src/plan/rule.ts";
import type { Step } from "../../src/plan/step.ts";
import { createFakeKernel } from "../fixture/fake-kernel.ts";
import { needRoot } from "../fixture/root.ts";

/** One kernel and how a test looks at it. */
interface Subject {
  readonly kernel: Kernel;
  /** An empty directory. */
  readonly folder: string;
  /** A cgroup hierarchy that new groups can be made in. */
  readonly hierarchy: string;
  text(path: string): string | undefined;
  isDirectory(path: string): boolean;
  hasCgroup(path: string): boolean;
  link(name: string): { readonly mac: string; readonly up: boolean; readonly addresses: readonly string[] } | undefined;
  sysctl(key: string): string;
  rules(table: string, chain: string): number | undefined;
}

function fakeSubject(): Subject {
  const kernel = createFakeKernel();
  const { host } = kernel;
  kernel.perform({ kind: "directory.create", path: "/work", mode: 0o755 });
  for (const name of ["br-contract"]) host.sysctls.set(`net.ipv4.conf.${name}.route_localnet`, "0");
  host.sysctls.set(`net.ipv4.conf.${network.bridge}.route_localnet`, "0");
  return {
    kernel,
    folder: "/work",
    hierarchy: "/sys/fs/cgroup/pids",
    text: (path) => host.entries.get(path)?.text,
    isDirectory: (path) => host.entries.has(path) && host.entries.get(path)?.text === undefined,
    hasCgroup: (path) => host.cgroups.has(path),
    link: (name) => host.links.get(name),
    sysctl: (key) => host.sysctls.get(key) ?? "",
    rules: (table, chain) => host.chains.get(`${table} ${chain}`)?.length,
  };
}

interface IpLink {
  readonly address: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
}

function realSubject(t: Test): Subject {
  const folder = mkdtempSync(join(tmpdir(), "tsns-contract-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const layout = readCgroupLayout();
  return {
    kernel: realKernel,
    folder,
    hierarchy: layout.controllers.pids ?? layout.unified ?? "/sys/fs/cgroup",
    text: (path) => (existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined),
    isDirectory: (path) => existsSync(path) && statSync(path).isDirectory(),
    hasCgroup: existsSync,
    link(name) {
      if (!existsSync(`/sys/class/net/${name}`)) return undefined;
      const [link] = JSON.parse(execFileSync("ip", ["-json", "addr", "show", "dev", name], { encoding: "utf8" })) as IpLink[];
      const own = link?.addr_info.filter(({ family }) => family === "inet") ?? [];
      return {
        mac: link?.address ?? "",
        up: link?.flags.includes("UP") ?? false,
        addresses: own.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      };
    },
    sysctl: (key) => readFileSync(`/proc/sys/${key.replaceAll(".", "/")}`, "utf8").trim(),
    rules: (table, chain) => {
      const found = readRules("ipv4").tables.find((state) => state.table === table);
      if (!found) return ["FORWARD", "OUTPUT"].includes(chain) ? 0 : undefined;
      if (!found.chains.some(({ name }) => name === chain)) return undefined;
      return found.rules.filter(({ rule }) => rule.chain === chain).length;
    },
  };
}

const network = { name: "bridge", bridge: bridgeName("/contract"), pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }] };

/** Performs one step; undefined when it succeeds, else what it failed with. */
async function outcome(kernel: Kernel, step: Step): Promise<{ code?: string; errno?: string } | undefined> {
  try {
    await kernel.perform(step);
    return undefined;
  } catch (error) {
    const { code, errno } = error as { code?: string; errno?: string };
    return { ...(code === undefined ? {} : { code }), ...(errno === undefined ? {} : { errno }) };
  }
}

type Open = (t: Test) => Subject;

function contractOfFiles(t: Test, open: Open) {
  t.test("directories", async (t) => {
    const { kernel, folder, isDirectory } = open(t);
    const make = (path: string): Step => ({ kind: "directory.create", path: `${folder}/${path}`, mode: 0o755 });
    t.equal(await outcome(kernel, make("a/b/c")), undefined, "with its parents");
    t.equal(await outcome(kernel, make("a/b/c")), undefined, "again");
    t.match(await outcome(kernel, { kind: "directory.remove", path: `${folder}/a` }), { errno: "ENOTEMPTY" });
    t.equal(await outcome(kernel, { kind: "directory.remove", path: `${folder}/a/b/c` }), undefined);
    t.equal(await outcome(kernel, { kind: "directory.remove", path: `${folder}/a/b/c` }), undefined, "one that is gone is no error");
    t.equal(isDirectory(`${folder}/a/b/c`), false);
    t.equal(isDirectory(`${folder}/a/b`), true);
    await kernel.perform({ kind: "file.write", path: `${folder}/file`, text: "", mode: 0o644 });
    t.match(await outcome(kernel, make("file")), { errno: "EEXIST" }, "a file is in the way");
  });

  t.test("files", async (t) => {
    const { kernel, folder, text } = open(t);
    const write = (path: string, content: string): Step => ({ kind: "file.write", path: `${folder}/${path}`, text: content, mode: 0o644 });
    t.equal(await outcome(kernel, write("file", "one")), undefined);
    t.equal(await outcome(kernel, write("file", "two")), undefined);
    t.equal(text(`${folder}/file`), "two", "it is replaced");
    t.match(await outcome(kernel, write("none/file", "x")), { errno: "ENOENT" });
    t.match(await outcome(kernel, write("file/file", "x")), { errno: "ENOTDIR" });
    await kernel.perform({ kind: "directory.create", path: `${folder}/d`, mode: 0o755 });
    t.match(await outcome(kernel, write("d", "x")), { errno: "EISDIR" });
  });

  t.test("trees", async (t) => {
    const { kernel, folder, isDirectory, text } = open(t);
    await kernel.perform({ kind: "directory.create", path: `${folder}/own/a/b`, mode: 0o755 });
    await kernel.perform({ kind: "file.write", path: `${folder}/own/a/f`, text: "x", mode: 0o644 });
    await kernel.perform({ kind: "directory.create", path: `${folder}/ownother`, mode: 0o755 });
    const remove = (path: string, within: string): Step => ({ kind: "tree.remove", path, within });
    for (const path of [`${folder}/own`, `${folder}/ownother`, `${folder}/own/../ownother`, "/etc", `${folder}/own/`]) {
      t.match(await outcome(kernel, remove(path, `${folder}/own`)), { code: "tree-outside" }, `${path.slice(folder.length)} is not below`);
    }
    t.equal(text(`${folder}/own/a/f`), "x", "a refusal removes nothing");
    t.equal(await outcome(kernel, remove(`${folder}/own/a`, `${folder}/own`)), undefined);
    t.equal(await outcome(kernel, remove(`${folder}/own/a`, `${folder}/own`)), undefined, "one that is gone is no error");
    t.equal(isDirectory(`${folder}/own/a`), false);
    t.equal(isDirectory(`${folder}/own`), true);
    t.equal(isDirectory(`${folder}/ownother`), true);
  });
}

function contractOfHost(t: Test, open: Open) {
  t.test("cgroups", async (t) => {
    const { kernel, hierarchy, hasCgroup } = open(t);
    const path = `${hierarchy}/tsns-contract-${process.pid}`;
    t.match(await outcome(kernel, { kind: "cgroup.write", path: `${path}/pids.max`, value: "9" }), { errno: "ENOENT" });
    t.match(await outcome(kernel, { kind: "cgroup.create", path: `${path}/deep` }), { errno: "ENOENT" }, "not without its parent");
    t.equal(await outcome(kernel, { kind: "cgroup.create", path }), undefined);
    t.equal(await outcome(kernel, { kind: "cgroup.create", path }), undefined, "an empty one is replaced");
    t.equal(await outcome(kernel, { kind: "cgroup.write", path: `${path}/pids.max`, value: "9" }), undefined);
    await kernel.perform({ kind: "cgroup.create", path: `${path}/tsns-child` });
    t.equal(await outcome(kernel, { kind: "cgroup.remove", path }), undefined, "with what is below");
    t.equal(hasCgroup(path), false);
    t.equal(await outcome(kernel, { kind: "cgroup.remove", path }), undefined, "one that is gone is no error");
  });

  t.test("links", async (t) => {
    const { kernel, link } = open(t);
    const name = "br-contract";
    t.match(await outcome(kernel, { kind: "link.up", name }), { errno: "ENODEV" });
    t.match(await outcome(kernel, { kind: "address.add", link: name, address: "10.66.9.1/24" }), { errno: "ENODEV" });
    t.equal(await outcome(kernel, { kind: "bridge.add", name, mac: "02:74:00:00:00:01" }), undefined);
    t.equal(await outcome(kernel, { kind: "bridge.add", name, mac: "02:74:00:00:00:01" }), undefined, "the same again");
    t.match(await outcome(kernel, { kind: "bridge.add", name, mac: "02:74:00:00:00:02" }), { errno: "EEXIST" }, "another of that name");
    for (const _ of [1, 2]) t.equal(await outcome(kernel, { kind: "address.add", link: name, address: "10.66.9.1/24" }), undefined);
    t.equal(await outcome(kernel, { kind: "link.up", name }), undefined);
    t.same(link(name), { mac: "02:74:00:00:00:01", up: true, addresses: ["10.66.9.1/24"] });
    for (const _ of [1, 2]) t.equal(await outcome(kernel, { kind: "link.remove", name }), undefined);
    t.equal(link(name), undefined);
  });

  t.test("settings", async (t) => {
    const { kernel, sysctl } = open(t);
    t.equal(await outcome(kernel, { kind: "sysctl.write", key: "net.ipv4.ip_forward", value: "1" }), undefined);
    t.equal(sysctl("net.ipv4.ip_forward"), "1");
    t.match(await outcome(kernel, { kind: "sysctl.write", key: "net.ipv4.no_such_key", value: "1" }), { errno: "ENOENT" });
  });
}

function contractOfRules(t: Test, open: Open) {
  t.test("rules", async (t) => {
    const { kernel, rules } = open(t);
    const chain = "TSNS-FWD-contract";
    const rule = (text: string, name = chain): Rule => ({ table: "filter", chain: name, args: text.split(" ") });
    const jump = rule(`-j ${chain}`, "FORWARD");
    const drop = rule("-s 10.66.0.0/20 -j DROP");
    const make: Step = {
      kind: "rule.apply",
      transaction: {
        family: "ipv4",
        changes: [
          { change: "chain.create", table: "filter", chain },
          { change: "rule.append", rule: drop },
          { change: "rule.insert", rule: jump },
        ],
      },
    };
    for (const said of ["once", "again: the chain is filled anew, the jump is there"]) {
      t.equal(await outcome(kernel, make), undefined, said);
      t.equal(rules("filter", chain), 1);
      t.equal(rules("filter", "FORWARD"), 1);
    }
    const half: Step = {
      kind: "rule.apply",
      transaction: {
        family: "ipv4",
        changes: [
          { change: "rule.append", rule: rule("-j ACCEPT") },
          { change: "rule.append", rule: rule("-j ACCEPT", "TSNS-NONE") },
        ],
      },
    };
    t.not(await outcome(kernel, half), undefined, "a chain that is not there");
    t.equal(rules("filter", chain), 1, "all or nothing");
    const remove: Step = {
      kind: "rule.apply",
      transaction: {
        family: "ipv4",
        changes: [
          { change: "rule.remove", rule: jump },
          { change: "chain.remove", table: "filter", chain },
        ],
      },
    };
    for (const _ of [1, 2]) t.equal(await outcome(kernel, remove), undefined, "what is gone is no error");
    t.equal(rules("filter", chain), undefined);
    t.equal(rules("filter", "FORWARD"), 0);
  });
}

function contractOfPlans(t: Test, open: Open) {
  t.test("a whole network and its undoing, twice", async (t) => {
    const { kernel, link, rules, sysctl } = open(t);
    const names = namesOfBridge(network.bridge);
    const plan = planNetwork(network, names, { ipForward: false });
    for (const _ of [1, 2]) {
      await applyPlan(plan, kernel);
      t.match(link(network.bridge), { up: true, addresses: ["10.66.0.1/20"] });
      t.equal(sysctl(`net.ipv4.conf.${network.bridge}.route_localnet`), "1");
      t.ok((rules("filter", names.forwardChain) ?? 0) > 0);
      for (const step of undoOf(plan)) await kernel.perform(step);
      for (const step of undoOf(plan)) await kernel.perform(step);
      t.equal(link(network.bridge), undefined);
      t.equal(rules("filter", names.forwardChain), undefined);
      t.equal(rules("filter", "FORWARD"), 0);
    }
  });

  t.test("what a use case carries out is refused", async (t) => {
    const { kernel } = open(t);
    t.match(await outcome(kernel, { kind: "sandbox.start", operations: [], planPath: "/none" }), { code: "no-executor" });
  });
}

function contract(t: Test, open: Open) {
  for (const part of [contractOfFiles, contractOfHost, contractOfRules, contractOfPlans]) part(t, open);
}

t.test("the fake kernel", async (t) => {
  contract(t, fakeSubject);
  t.test("fails on demand, once, before any effect", async (t) => {
    const kernel = createFakeKernel();
    kernel.failNext("file.write", "ENOSPC");
    const step: Step = { kind: "file.write", path: "/file", text: "x", mode: 0o644 };
    t.match(await outcome(kernel, step), { errno: "ENOSPC" });
    t.equal(kernel.host.entries.has("/file"), false);
    t.equal(await outcome(kernel, step), undefined);
    t.same(kernel.host.performed, [step]);
  });
});

t.test("the real kernel", needRoot, async (t) => contract(t, realSubject));
