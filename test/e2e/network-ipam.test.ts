// Subnets of both families: given, chosen, from the settings, from another network; what ls, inspect and prune say of them.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const addressesOf = (link: string): readonly string[] =>
  spawnSync("ip", ["-o", "address", "show", "dev", link, "scope", "global"], { encoding: "utf8" })
    .stdout.split("\n")
    .flatMap((line) => /inet6? (\S+)/.exec(line)?.[1] ?? []);

const read = (path: string) => spawnSync("cat", [path], { encoding: "utf8" }).stdout.trim();

interface Shown {
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly Attachable: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly IPAM: { readonly Config: readonly Readonly<Record<string, unknown>>[] };
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Status?: { readonly IPAM: { readonly Subnets: Readonly<Record<string, unknown>> } };
}

async function inspect(root: DataRoot, name: string, ...options: readonly string[]): Promise<Shown> {
  const [shown] = JSON.parse(await root.ok(["network", "inspect", ...options, name])) as Shown[];
  if (!shown) throw new Error(`no network ${name}`);
  return shown;
}

const bridgeOf = ({ Options }: Shown): string => Options["com.docker.network.bridge.name"] ?? "";

async function expectConfig(t: Test, root: DataRoot, name: string, config: readonly unknown[]): Promise<Shown> {
  const shown = await inspect(root, name);
  t.match(shown.IPAM.Config, config, name);
  t.equal(shown.IPAM.Config.length, config.length);
  return shown;
}

t.test("IPv6: chosen, alone, and with several subnets", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["network", "create", "--ipv6", "both"]);
  const both = await expectConfig(t, root, "both", [
    { Subnet: /^10\./, Gateway: /^10\./ },
    { Subnet: /^fd[0-9a-f]{2}:.*::\/64$/, Gateway: /^fd.*::1$/ },
  ]);
  t.match(both, { EnableIPv4: true, EnableIPv6: true });
  t.same(
    addressesOf(bridgeOf(both)),
    both.IPAM.Config.map(({ Subnet, Gateway }) => `${Gateway}/${String(Subnet).split("/")[1]}`),
    "the host has them at once",
  );
  t.notMatch(spawnSync("ip", ["-6", "address"], { encoding: "utf8" }).stdout, /tentative/);
  t.equal(read("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
  t.equal(read(`/proc/sys/net/ipv6/conf/${bridgeOf(both)}/accept_ra`), "0");
  await root.ok(["network", "create", "--ipv4=false", "--ipv6", "six"]);
  const six = await expectConfig(t, root, "six", [{ Subnet: /^fd.*:1::\/64$/ }]);
  t.match(six, { EnableIPv4: false, EnableIPv6: true });
  const subnets = ["--subnet", "10.85.0.0/24", "--subnet", "10.86.0.0/24", "--subnet", "FD00:85:0::/64"];
  const others = [
    "--gateway",
    "10.86.0.9",
    "--ip-range",
    "10.85.0.128/25",
    "--aux-address",
    "a=10.85.0.1",
    "--aux-address",
    "b=fd00:85::1",
  ];
  await root.ok(["network", "create", ...subnets, ...others, "--attachable", "many"]);
  const many = await expectConfig(t, root, "many", [
    { Subnet: "10.85.0.0/24", IPRange: "10.85.0.128/25", Gateway: "10.85.0.2", AuxiliaryAddresses: { a: "10.85.0.1" } },
    { Subnet: "10.86.0.0/24", Gateway: "10.86.0.9" },
    { Subnet: "fd00:85::/64", Gateway: "fd00:85::2", AuxiliaryAddresses: { b: "fd00:85::1" } },
  ]);
  t.equal(many.Attachable, true);
  t.same(addressesOf(bridgeOf(many)), ["10.85.0.2/24", "10.86.0.9/24", "fd00:85::2/64"]);
  const { Status } = await inspect(root, "many", "-v");
  t.match(Status?.IPAM.Subnets["10.85.0.0/24"], { IPsInUse: 4, DynamicIPsAvailable: 127 });
  t.equal(many.Status, undefined, "as docker without -v");
  const format = "{{.Name}} {{.IPv4}} {{.IPv6}}";
  t.same((await root.ok(["network", "ls", "--filter", "type=custom", "--format", format])).split("\n"), [
    "both true true",
    "many true true",
    "six false true",
  ]);
  await root.ok(["network", "rm", "both", "many", "six"]);
  t.notMatch(spawnSync("ip6tables-save", { encoding: "utf8" }).stdout, /tsns-/, "no rule of them is left");
});

t.test("pools of the settings: used up, one error, nothing made", needRoot, async (t) => {
  const root = makeRoot(t);
  const settings = `${root.path}.json`;
  t.teardown(() => spawnSync("rm", ["-f", settings]));
  const pools = [
    { base: "10.87.0.0/29", size: 30 },
    { base: "fd00:87::/126", size: 126 },
  ];
  writeFileSync(settings, JSON.stringify({ "default-address-pools": pools }));
  const create = (...args: readonly string[]) => root.tsns(["network", "create", ...args], { env: { TSNS_NETWORKS: settings } });
  t.match(await create("--ipv6", "one"), { code: 0 });
  t.match(await create("two"), { code: 0 });
  t.match((await inspect(root, "one")).IPAM.Config, [{ Subnet: "10.87.0.0/30" }, { Subnet: "fd00:87::/126", Gateway: "fd00:87::1" }]);
  t.match((await inspect(root, "two")).IPAM.Config, [{ Subnet: "10.87.0.4/30" }]);
  const full = /^tsns: network three: all predefined address pools have been fully subnetted: 10\.87\.0\.0\/29 \(.*\)\n$/;
  t.match(await create("three"), { code: 1, stdout: "", stderr: full });
  t.match(await create("--ipv6", "--subnet", "10.88.9.0/24", "four"), { code: 1, stderr: /fully subnetted: fd00:87::\/126/ });
  writeFileSync(settings, "{");
  t.match(await create("five"), { code: 1, stderr: /not JSON/ });
  t.equal(await root.ok(["network", "ls", "--filter", "type=custom", "--format", "{{.Name}}"]), "one\ntwo");
  await root.ok(["network", "prune", "-f"]);
});

t.test("settings of one network for others", needRoot, async (t) => {
  const root = makeRoot(t);
  const mtu = "com.docker.network.driver.mtu";
  await root.ok(["network", "create", "--config-only", "--subnet", "10.89.0.0/24", "--label", "a=b", "-o", `${mtu}=1300`, "conf"]);
  const links = spawnSync("ip", ["link"], { encoding: "utf8" }).stdout;
  t.notMatch(links, /tsns/, "nothing on the host");
  await root.ok(["network", "create", "--config-from", "conf", "--internal", "--label", "c=d", "made"]);
  const made = await inspect(root, "made");
  t.match(made, { ConfigFrom: { Network: "conf" }, IPAM: { Config: [{ Subnet: "10.89.0.0/24" }] }, Labels: { a: "b", c: "d" } });
  t.equal(made.Options[mtu], "1300");
  t.match(read(`/sys/class/net/${bridgeOf(made)}/mtu`), "1300");
  t.match(await root.tsns(["network", "create", "--config-from", "conf", "again"]), {
    code: 1,
    stderr: /and network made has 10\.89\.0\.0\/24/,
  });
  t.match(await root.tsns(["network", "create", "--config-from", "conf", "--ipv6", "again"]), {
    code: 1,
    stderr: /^tsns: user specified configurations are not supported if the network depends on a configuration network/,
  });
  t.match(await root.tsns(["network", "rm", "conf"]), {
    code: 1,
    stderr: /^tsns: error while removing network: configuration network "conf" is in use \(.*: made\)/,
  });
  t.equal(await root.ok(["network", "ls", "--filter", "driver=null", "--format", "{{.Name}}"]), "conf\nnone");
  t.equal(await root.ok(["network", "rm", "made", "conf"]), "made\nconf");
});

t.test("ls and prune: filters", needRoot, async (t) => {
  const root = makeRoot(t);
  const ids = [];
  for (const name of ["front", "back"]) ids.push(await root.ok(["network", "create", "--label", `tier=${name}`, name]));
  await root.ok(["network", "create", "--config-only", "conf"]);
  const names = async (...filters: readonly string[]) =>
    (await root.ok(["network", "ls", "--format", "{{.Name}}", ...filters.flatMap((filter) => ["-f", filter])])).split("\n");
  t.same(await names("name=^.ack$", "name=ron"), ["back", "front"]);
  t.same(await names(`id=${ids[0]?.slice(0, 9)}`), ["front"]);
  t.same(await names("label=tier=back", "type=custom"), ["back"]);
  t.same(await names("dangling=true"), ["back", "front"]);
  t.same(await names("dangling=0"), ["bridge", "conf", "host", "none"]);
  t.same(await names("scope=local", "type=builtin"), ["bridge", "host", "none"]);
  t.same(await names("scope=swarm"), [""]);
  for (const filter of ["dangling=maybe", "type=foo", "bogus=1"]) {
    t.match(await root.tsns(["network", "ls", "-f", filter]), { code: 1, stderr: /^tsns: invalid filter / }, filter);
  }
  t.match(await root.ok(["network", "ls"]), /^NETWORK ID +NAME +DRIVER +SCOPE\n/);
  const builtIn = (await root.ok(["network", "ls", "-q", "--no-trunc", "-f", "type=builtin"])).split("\n");
  t.equal(new Set(builtIn.filter((id) => /^[0-9a-f]{64}$/.test(id))).size, 3, "each has an id");
  t.equal(await root.ok(["network", "inspect", "-f", "{{.Name}}", builtIn[1]?.slice(0, 12) ?? ""]), "host");
  t.equal(await root.ok(["network", "inspect", "-f", "{{.Labels}} {{.Labels.nope}}", "back"]), "map[tier:back] <no value>");
  t.match(await root.tsns(["network", "prune", "-f", "--filter", "bogus=1"]), { code: 1, stderr: /invalid filter/ });
  const asked = await root.tsns(["network", "prune"], { input: "n\n" });
  t.match(asked, { code: 0, stdout: /^WARNING! This will remove all custom networks not used by at least one container\.\nAre you sure/ });
  t.equal(await root.ok(["network", "prune", "-f", "--filter", "until=1h"]), "");
  t.equal(await root.ok(["network", "prune", "-f", "--filter", "label!=tier=front"]), "Deleted Networks:\nback\n");
  t.equal(await root.ok(["network", "prune", "-f"]), "Deleted Networks:\nfront\n");
  t.same(await names("type=custom"), ["conf"], "settings stay");
});

/** Sends a router advertisement (RFC 4861 4.2) out of the link with this index. */
const advertise = `use Socket qw(:DEFAULT pack_sockaddr_in6 inet_pton AF_INET6); my ($index, $s) = @ARGV;
socket($s, AF_INET6, SOCK_RAW, 58) && setsockopt($s, 41, 18, pack("i", 255)) && setsockopt($s, 41, 17, pack("I", $index)) or die;
send($s, pack("CCnCCnNN", 134, 0, 0, 64, 0, 1800, 0, 0), 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::1"), $index)) or die`;

t.test("a host that a router tells its way keeps it", needRoot, async (t) => {
  const root = makeRoot(t);
  const run = (program: string, ...args: readonly string[]) => spawnSync(program, args, { encoding: "utf8" }).stdout;
  run("ip", "link", "add", "h-up", "type", "veth", "peer", "name", "h-router");
  for (const key of ["h-up.accept_ra", "h-up.accept_ra_from_local"]) run("sysctl", "-q", "-w", `net.ipv6.conf.${key}=1`);
  for (const link of ["h-router", "h-up"]) run("sysctl", "-q", "-w", `net.ipv6.conf.${link}.accept_dad=0`);
  for (const link of ["h-router", "h-up"]) run("ip", "link", "set", link, "up");
  run("sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=0");
  const isTold = () => /^default via fe80::\S+ dev h-up proto ra/m.test(run("ip", "-6", "route"));
  await waitFor("the router to be heard", () => {
    run("perl", "-e", advertise, read("/sys/class/net/h-router/ifindex"));
    return isTold();
  });
  await root.ok(["network", "create", "--ipv6", "six"]);
  t.equal(read("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
  t.equal(read("/proc/sys/net/ipv6/conf/h-up/accept_ra"), "2");
  t.ok(isTold(), "its default route is there");
  await root.ok(["network", "rm", "six"]);
  run("ip", "link", "del", "h-up");
});
