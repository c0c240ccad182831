// tsns doctor: each kind of leftover is made on purpose, reported with proof and repair, and gone after --fix; what is others' stays.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

interface Report {
  readonly kind: string;
  readonly object: string;
  readonly proof: string;
  readonly bytes: number;
  readonly owner: string;
  readonly repair: string;
  readonly repaired: boolean;
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

function sql(root: DataRoot, text: string, ...values: SQLInputValue[]): void {
  using store = new DatabaseSync(`${root.path}/store.db`);
  store.prepare(text).run(...values);
}

async function doctor(root: DataRoot, ...args: readonly string[]): Promise<{ readonly code: number; readonly reports: readonly Report[] }> {
  const { code, stdout, stderr } = await root.tsns(["doctor", "--json", ...args]);
  if (stderr !== "") throw new Error(stderr);
  return { code, reports: JSON.parse(stdout) as Report[] };
}

const bridgeOf = (root: DataRoot, name: string) =>
  root.ok(["network", "inspect", "-f", '{{index .Options "com.docker.network.bridge.name"}}', name]);

/** Makes something, expects exactly one report of it, its repair, and silence afterwards. */
async function expectOne(t: Test, root: DataRoot, kind: string, object: RegExp, make: () => unknown): Promise<void> {
  await make();
  const { code, reports } = await doctor(root);
  t.equal(code, 1, kind);
  t.same(
    reports.map((report) => report.kind),
    [kind],
  );
  const [report] = reports;
  t.match(report, { object, owner: "tsns", repaired: false, repair: /\S/, proof: /\S/ });
  const dry = await root.tsns(["doctor", "--fix", "--dry-run"]);
  t.equal(dry.code, 1);
  t.ok(dry.stdout.includes(`$ ${report?.repair.split("\n")[0]}`), `${kind}: the dry run shows the repair`);
  t.same((await doctor(root)).reports, reports, `${kind}: a dry run repairs nothing`);
  const fixed = await doctor(root, "--fix");
  t.match(fixed, { code: 0, reports: [{ kind, repaired: true }] });
  t.same(await doctor(root), { code: 0, reports: [] });
}

t.test("one thing at a time", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  t.same(await doctor(root), { code: 0, reports: [] }, "nothing at first");
  await root.ok(["network", "create", "net"]);
  const stopped = await root.ok(["create", "--name", "stopped", image, "true"]);
  const bridge = await bridgeOf(root, "net");
  const ghost = "f".repeat(64);
  await expectOne(t, root, "veth", /^veth0123456789a$/, () => {
    run("ip", "link", "add", "veth0123456789a", "type", "veth", "peer", "name", "other");
    run("ip", "link", "set", "veth0123456789a", "master", bridge);
  });
  await expectOne(t, root, "rule", /--to-destination 10\.66\.0\.99:80/, () => {
    const match = ["-p", "tcp", "--dport", "81", "-m", "comment", "--comment", "tsns:ffffffffffff"];
    run("iptables", "-w", "-t", "nat", "-A", `TSNS-DNAT-${bridge}`, ...match, "-j", "DNAT", "--to-destination", "10.66.0.99:80");
  });
  await expectOne(t, root, "lease", /^10\.66\.0\.77 of network net$/, () =>
    sql(root, "INSERT INTO address_lease (network, address, container) VALUES ('net', '10.66.0.77', ?)", ghost),
  );
  const runs = await root.ok(["run", "-d", "--name", "runs", "--network", "none", image, "sleep", "100000"]);
  await expectOne(t, root, "lease", /^fd00::77 of network net$/, () =>
    sql(root, "INSERT INTO address_lease (network, address, container) VALUES ('net', 'fd00::77', ?)", runs),
  );
  await root.ok(["rm", "-f", "runs"]);
  await expectOne(t, root, "socket", /names\/socket$/, () => {
    mkdirSync(`${root.path}/names`, { recursive: true });
    writeFileSync(`${root.path}/names/socket`, "");
  });
  await expectOne(t, root, "writable layer", new RegExp(ghost), () => mkdirSync(`${root.path}/containers/${ghost}`, { recursive: true }));
  await expectOne(t, root, "layer", /layers\/abc$/, () => mkdirSync(`${root.path}/layers/abc`));
  await expectOne(t, root, "temporary", /tmp\/4194303-1-ab$/, () => {
    mkdirSync(`${root.path}/tmp`, { recursive: true });
    writeFileSync(`${root.path}/tmp/4194303-1-ab`, "x".repeat(5000));
  });
  await expectOne(t, root, "operation list", /exec-4194303$/, () => {
    mkdirSync(`${root.path}/containers/${stopped}`, { recursive: true });
    writeFileSync(`${root.path}/containers/${stopped}/exec-4194303`, "");
  });
  await expectOne(t, root, "cgroup", /^\/sys\/fs\/cgroup\/.*tsns-/, () => {
    mkdirSync(`/sys/fs/cgroup/pids/tsns-${stopped}`);
  });
  await expectOne(t, root, "mount", /containers\/.*\/root$/, () => {
    mkdirSync(`${root.path}/containers/${stopped}/root`);
    run("mount", "-t", "tmpfs", "tmpfs", `${root.path}/containers/${stopped}/root`);
  });
  await root.ok(["net", "nat", "add", "10.99.0.0/24"]);
  await expectOne(t, root, "nat", /^1$/, () => sql(root, "UPDATE host_rule SET applied = 0"));
  t.notMatch(run("iptables-save"), /10\.99\.0/);
  await expectOne(t, root, "permission", /store\.db$/, () => chmodSync(`${root.path}/store.db`, 0o644));
  t.equal(statSync(`${root.path}/store.db`).mode & 0o777, 0o600);
  await expectOne(t, root, "journal", /^network:gone$/, () => {
    run("ip", "link", "add", "h-gone", "type", "bridge");
    sql(root, "INSERT INTO journal (owner, undo) VALUES ('network:gone', ?)", JSON.stringify([{ kind: "link.remove", name: "h-gone" }]));
  });
  t.notMatch(run("ip", "link"), /h-gone/);
  mkdirSync(`${root.path}/layers/abd`);
  t.match(await root.tsns(["doctor", "--format", "{{.Kind}} {{.Owner}} {{.Repaired}}"]), { code: 1, stdout: "layer tsns false\n" });
  t.match(await root.tsns(["doctor", "--fix", "--format", "{{.Kind}} {{.Repaired}}"]), { code: 0, stdout: "layer true\n" });
  await root.ok(["rm", "stopped"]);
  await root.ok(["network", "rm", "net"]);
});

t.test("chains of all networks, emptied by somebody", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "net"]);
  await root.ok(["network", "rm", "net"]);
  t.notMatch(run("iptables-save"), /TSNS/, "they go with the last network");
  await expectOne(t, root, "chains", /TSNS-IN.*IPv4/, () => {
    for (const chain of ["TSNS-NETWORKS", "TSNS-IN", "TSNS-OUT", "TSNS-INTERNAL"]) run("iptables", "-w", "-N", chain);
    for (const chain of ["TSNS-IN", "TSNS-OUT"]) run("iptables", "-w", "-A", "TSNS-NETWORKS", "-j", chain);
  });
  t.notMatch(run("iptables-save"), /TSNS/);
});

t.test("a container whose record is lost", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  const id = await root.ok(["run", "-d", "-p", "0:80", image, "sleep", "100000"]);
  sql(root, "DELETE FROM container WHERE id = ?", id);
  const { code, reports } = await doctor(root);
  t.equal(code, 1);
  const kinds = new Set(reports.map(({ kind }) => kind));
  for (const kind of ["monitor", "journal", "rule", "veth", "cgroup", "writable layer"]) t.ok(kinds.has(kind), kind);
  const fixed = await doctor(root, "--fix");
  t.equal(fixed.code, 0, JSON.stringify(fixed.reports.filter(({ repaired }) => !repaired)));
  t.notOk(existsSync(`${root.path}/containers/${id}`));
  t.notOk(existsSync(`/sys/fs/cgroup/pids/tsns-${id}`));
  t.notMatch(run("ip", "link"), /veth/);
});

t.test("what is others' is reported and left alone", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  run("ip", "link", "add", "br-0123456789ab", "type", "bridge");
  run("ip", "link", "add", "ifb0123456789a", "type", "ifb");
  run("iptables", "-w", "-t", "nat", "-N", "DOCKER");
  run("iptables", "-w", "-t", "nat", "-A", "DOCKER", "-p", "tcp", "--dport", "80", "-j", "DNAT", "--to-destination", "172.31.0.9:80");
  const before = [run("ip", "link"), run("iptables", "-w", "-t", "nat", "-S")];
  const { code, reports } = await doctor(root, "--foreign", "--fix");
  t.equal(code, 0, "only what is ours counts");
  t.match(
    reports.find(({ kind }) => kind === "bridge"),
    { object: "br-0123456789ab", owner: "docker", repair: /^ip link del .*br-0123456789ab$/, repaired: false },
  );
  t.match(
    reports.find(({ kind }) => kind === "ifb"),
    { object: "ifb0123456789a", owner: "tsns of another data root", repaired: false },
  );
  t.match(
    reports.find(({ kind }) => kind === "rule"),
    { owner: "docker", proof: "no running container has 172.31.0.9" },
  );
  t.same([run("ip", "link"), run("iptables", "-w", "-t", "nat", "-S")], before, "untouched");
  t.match((await root.tsns(["doctor", "--foreign"])).stdout, /^nothing is left over\n\nof others, not touched:\nKIND /);
  run("ip", "link", "del", "br-0123456789ab");
});

t.test("a living container and a living network are no leftovers", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "net"]);
  await root.ok(["run", "-d", "--name", "web", "--network", "net", "-p", "0:80", image, "sleep", "100000"]);
  t.same(await doctor(root), { code: 0, reports: [] });
  await root.ok(["stop", "-t", "0", "web"]);
  t.same(await doctor(root), { code: 0, reports: [] });
});
