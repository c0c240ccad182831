// The toolkit's changes of several steps are killed at every step; the doctor names what is left and brings the host back.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { firstDifference, hostState, perform } from "./fault-step-lab.ts";

// Pids of a new pid namespace repeat themselves.
const group = `tk-${randomBytes(4).toString("hex")}`;

function sh(script: string): void {
  const { status, stderr } = spawnSync("sh", ["-e"], { input: script, encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

interface Scenario {
  readonly useCase: string;
  readonly before?: (root: DataRoot) => Promise<unknown>;
  /** Takes away what is complete, as its user would. */
  readonly after: (root: DataRoot, place: string) => Promise<unknown>;
}

const gone = async (root: DataRoot, ...args: readonly string[]) => void (await root.tsns(args));
const ip =
  (...commands: readonly string[]) =>
  async () => {
    for (const command of commands) spawnSync("ip", command.split(" "));
  };

const network: readonly Scenario[] = [
  { useCase: "link set", after: ip("link set tkz name tka", "link set tka down mtu 1500") },
  { useCase: "bridge addif", after: ip("link set tka nomaster", "link set tkb nomaster") },
  { useCase: "forward add", after: (root) => gone(root, "net", "forward", "del", "18080:10.78.0.9:80") },
  {
    useCase: "forward del",
    before: (root) => root.ok(["net", "forward", "add", "18080:10.78.0.9:80"]),
    after: (root) => gone(root, "net", "forward", "del", "18080:10.78.0.9:80"),
  },
  {
    useCase: "nat del",
    before: (root) => root.ok(["net", "nat", "add", "10.78.1.0/24"]),
    after: (root) => gone(root, "net", "nat", "del", "10.78.1.0/24"),
  },
];

const mounts: readonly Scenario[] = [
  { useCase: "mount bind", after: (root, place) => gone(root, "mount", "umount", `${place}/new/deep`) },
  { useCase: "mount bind over", after: (root, place) => gone(root, "mount", "umount", `${place}/over`) },
  {
    useCase: "mount umount",
    before: (root) => root.ok(["mount", "bind", `${placeOf.get(root)}/lower`, `${placeOf.get(root)}/new/deep`]),
    after: (root, place) => gone(root, "mount", "umount", `${place}/new/deep`),
  },
  { useCase: "layer apply", after: async (_, place) => rmSync(`${place}/new/applied`, { recursive: true }) },
  { useCase: "layer stack", after: (root, place) => gone(root, "layer", "unstack", `${place}/new/merged`) },
];

const others: readonly Scenario[] = [
  { useCase: "ns create", after: (root) => gone(root, "ns", "rm", "tkset") },
  {
    useCase: "ns rm",
    before: (root) => root.ok(["ns", "create", "tkset", "--net", "--uts"]),
    after: (root) => gone(root, "ns", "rm", "tkset"),
  },
  {
    useCase: "veth add in",
    before: (root) => root.ok(["ns", "create", "tkset", "--net"]),
    after: (root) => gone(root, "ns", "rm", "tkset"),
  },
  { useCase: "cgroup create", after: (root) => gone(root, "cgroup", "rm", group) },
  {
    useCase: "cgroup set",
    before: (root) => root.ok(["cgroup", "create", group, "--memory", "48m", "--pids-limit", "8"]),
    after: (root) => gone(root, "cgroup", "rm", group),
  },
];

const placeOf = new Map<DataRoot, string>();

function namesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("work/"))
    .sort();
}

/** Of the cgroups only this test's own: others change meanwhile. */
function stateOf(place: string): string {
  const groups = readdirSync("/sys/fs/cgroup").filter((name) => spawnSync("test", ["-d", `/sys/fs/cgroup/${name}/${group}`]).status === 0);
  return [hostState(new Set()), ...namesBelow(place), ...groups].join("\n");
}

async function killEverywhere(t: Test, scenarios: readonly Scenario[]): Promise<void> {
  const root = makeRoot(t);
  const place = mkdtempSync(join(tmpdir(), "tsns-toolkit-step-"));
  placeOf.set(root, place);
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  for (const name of ["lower", "upper", "work", "over", "new"]) mkdirSync(`${place}/${name}`);
  sh(`tar -C ${place} -cf ${place}/layer.tar lower`);
  const env = { TSNS_TEST_PLACE: place, TSNS_TEST_GROUP: group };
  for (const { useCase, before, after } of scenarios) {
    // Once without a kill: tables that iptables makes and the directory of sets are there from then on.
    await before?.(root);
    const { steps } = perform(root, useCase, 0, env);
    await after(root, place);
    const baseline = stateOf(place);
    let reports = 0;
    for (let number = 1; number <= steps; number++) {
      await before?.(root);
      const { killed } = perform(root, useCase, number, env);
      t.ok(killed, `${useCase}, step ${number}: killed`);
      const fixed = await root.tsns(["doctor", "--fix", "--json"]);
      t.equal(fixed.code, 0, `${useCase}, step ${number}: repaired${fixed.code === 0 ? "" : `: ${fixed.stdout}${fixed.stderr}`}`);
      if (fixed.stdout !== "[]\n") reports++;
      if (before || useCase === "ns create") await after(root, place);
      let state = stateOf(place);
      if (state !== baseline && number === steps) {
        await after(root, place);
        state = stateOf(place);
      }
      t.ok(
        state === baseline,
        `${useCase}, step ${number}: as before; too much: ${firstDifference(baseline, state)}; too little: ${firstDifference(state, baseline)}`,
      );
    }
    t.ok(reports > 0, `${useCase}: ${reports} of ${steps} kills left something that the doctor reports`);
  }
  t.match(await root.tsns(["doctor"]), { code: 0, stdout: "nothing is left over\n" });
}

t.test("links, addresses, ports and rules", needRoot, async (t) => {
  sh("ip link add tka type veth peer name tkb; ip link add tkbr type bridge; ip link add tko type veth peer name tkp");
  sh("ip addr add 10.78.0.1/24 dev tko; ip link set tko up; sysctl -q -w net.ipv6.conf.default.disable_ipv6=1");
  // A new namespace has the value that the host has at the moment; a kill leaves it on, and the next time there is a step less.
  sh("sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1");
  await killEverywhere(t, network);
});
t.test("what is made anew after a kill is no longer the killed command's", needRoot, async (t) => {
  const root = makeRoot(t);
  const env = { TSNS_TEST_PLACE: "/nonexistent", TSNS_TEST_GROUP: group };
  await root.ok(["ns", "create", "tkset", "--net"]);
  t.ok(perform(root, "veth add in", 2, env).killed);
  t.match((await root.tsns(["doctor"])).stdout, /veth\.add tk0/, "the doctor names it");
  await root.ok(["net", "link", "del", "tk0", "--in", "tkset"]);
  await root.ok(["net", "veth", "add", "tk0", "tk1", "--up", "--in", "tkset", "--peer-in", "tkset"]);
  await root.ok(["doctor", "--fix"]);
  t.match(await root.ok(["net", "link", "ls", "--in", "tkset"]), /tk0/, "it stays");
  await root.ok(["ns", "rm", "tkset"]);
});
t.test("a reset takes back what a killed command left", needRoot, async (t) => {
  const root = makeRoot(t);
  sh("ip link show tkbr >/dev/null 2>&1 || { ip link add tka type veth peer name tkb; ip link add tkbr type bridge; }");
  const port = () => spawnSync("bridge", ["link", "show", "dev", "tka"], { encoding: "utf8" }).stdout;
  t.ok(perform(root, "bridge addif", 2, { TSNS_TEST_PLACE: "/nonexistent", TSNS_TEST_GROUP: group }).killed);
  t.match(port(), /master tkbr/, "one port was joined");
  await root.ok(["system", "reset", "--force"]);
  t.equal(port(), "", "it has left again");
});
t.test("mounts and layers", needRoot, (t) => killEverywhere(t, mounts));
t.test("named namespaces and cgroups", needRoot, (t) => killEverywhere(t, others));
