// A container that may do all with its own link (NET_ADMIN, NET_RAW) in its neighbour's name, through the shipped command.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { pidOf } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { makeBox, sh } from "./network-lab.ts";

const admin = ["--cap-add", "NET_ADMIN"];
const keep = (root: DataRoot, name: string, options: readonly string[]) =>
  root.ok(["run", "-d", "--name", name, ...options, "box", "sleep", "1000"]);

/** An answer that is not to come is not waited for as long. */
const patience = (may: boolean) => (may ? "-W10" : "-W1");

/** Whether the gateway answers a container after it has changed its link; `may`: whether it is to. */
async function reaches(root: DataRoot, name: string, change: string, gateway: string, may = true): Promise<boolean> {
  await root.ok(["exec", name, "sh", "-c", change]);
  const { stdout } = await root.tsns(["exec", name, "ping", "-c1", patience(may), gateway]);
  return stdout.includes(" 0% packet loss");
}

t.test("in its neighbour's name", needRoot, async (t) => {
  const root = await makeBox(t);
  await keep(root, "victim", []);
  await keep(root, "thief", admin);
  await keep(root, "free", [...admin, "--security-opt", "spoofing=allowed"]);
  await keep(root, "lord", ["--privileged"]);
  await keep(root, "mapped", [...admin, "--userns", "private"]);
  const address = (name: string) => root.ok(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", name]);
  const [gateway, victim] = [await root.ok(["inspect", "-f", "{{.NetworkSettings.Gateway}}", "victim"]), await address("victim")];

  for (const name of ["victim", "thief", "free", "lord", "mapped"]) t.ok(await reaches(root, name, ":", gateway), `${name} as it was made`);
  const mine = async (name: string) => (await root.ok(["exec", name, "ip", "-4", "addr", "show", "eth0"])).match(/inet (\S+)/)?.[1] ?? "";
  // Each takes another one: the gateway would go on sending to who had it before.
  for (const [name, may, last] of [
    ["thief", false, 250],
    ["mapped", false, 251],
    ["free", true, 252],
    ["lord", true, 253],
  ] as const) {
    const own = await mine(name);
    const other = victim.replace(/\.\d+$/, `.${last}`);
    t.equal(
      await reaches(root, name, `ip addr add ${other}/16 dev eth0 && ip addr del ${own} dev eth0`, gateway, may),
      may,
      `${name} with an address that is not its own`,
    );
    t.ok(
      await reaches(root, name, `ip addr add ${own} dev eth0 && ip addr del ${other}/16 dev eth0`, gateway),
      `${name} with its own again`,
    );
  }
  t.notOk(await reaches(root, "thief", "ip link set eth0 address 02:00:00:00:00:99", gateway, false), "another hardware address");
  t.ok(await reaches(root, "free", "ip link set eth0 address 02:00:00:00:00:98", gateway), "which is allowed as well");

  const known = () => sh(`ip neigh show ${victim}`).match(/lladdr (\S+)/)?.[1];
  t.ok(await reaches(root, "victim", ":", gateway));
  const before = known();
  await root.tsns(["exec", "thief", "arping", "-U", "-c1", "-w1", "-I", "eth0", "-s", victim, gateway]);
  t.equal(known(), before, "the gateway still knows the victim's");

  t.match(await root.ok(["inspect", "-f", "{{.HostConfig.SecurityOpt}}", "free"]), "[spoofing=allowed]");
  t.match(await root.ok(["inspect", "--as", "run", "free"]), "--security-opt spoofing=allowed");
});

t.test("by IPv6, and on a network that it joined while it ran", needRoot, async (t) => {
  const root = await makeBox(t);
  for (const network of ["first", "second"]) await root.ok(["network", "create", "--ipv6", network]);
  await keep(root, "thief", [...admin, "--network", "first"]);
  await keep(root, "free", [...admin, "--network", "first", "--security-opt", "spoofing=allowed"]);
  const gatewayOf = (network: string) =>
    root.ok(["network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", network]).then((text) => text.trim().split(" "));
  const [first, second] = [await gatewayOf("first"), await gatewayOf("second")];
  const pings = async (name: string, source: string, target: string, may: boolean) => {
    const pid = await pidOf(root, name);
    sh(`nsenter -t ${pid} -n ip -6 addr add ${source}/128 dev lo nodad`);
    const { stdout } = await root.tsns(["exec", name, "ping", "-6", "-c1", patience(may), "-I", source, target]);
    return stdout.includes(" 0% packet loss");
  };
  // the way back to an address on lo is by the container's own one
  const strange = "fd99::beef";
  for (const [name, may] of [
    ["thief", false],
    ["free", true],
  ] as const) {
    const own = await root.ok(["inspect", "-f", "{{.NetworkSettings.Networks.first.GlobalIPv6Address}}", name]);
    sh(`ip -6 route replace ${strange}/128 via ${own}`);
    t.ok(
      (await root.tsns(["exec", name, "ping", "-6", "-c1", patience(true), first[1] ?? ""])).stdout.includes(" 0% packet loss"),
      `${name} as it was made`,
    );
    t.equal(await pings(name, strange, first[1] ?? "", may), may, `${name} with an IPv6 address that is not its own`);
  }
  await root.ok(["network", "connect", "second", "thief"]);
  const own = (await root.ok(["exec", "thief", "ip", "-4", "addr", "show", "eth1"])).match(/inet (\S+)/)?.[1] ?? "";
  t.ok(await reaches(root, "thief", ":", second[0] ?? ""), "the second network");
  const other = own.replace(/\.\d+\/\d+/, ".250/16");
  t.notOk(
    await reaches(root, "thief", `ip addr add ${other} dev eth1 && ip addr del ${own} dev eth1`, second[0] ?? "", false),
    "is filtered as well",
  );
});

t.test("what is asked for wrongly, and the script", needRoot, async (t) => {
  const root = await makeBox(t);
  const wrong = await root.tsns(["create", "--security-opt", "spoofing=maybe", "box"]);
  t.match([wrong.code, wrong.stderr], [1, /invalid --security-opt 2: "spoofing=maybe"[\s\S]*use spoofing=allowed/]);
  t.match(
    await root.ok(["run", "--dry-run", "--explain=sh", "box", "true"]),
    /tc filter add dev veth\w+ ingress prio 1 protocol all bpf da bytecode/,
  );
  t.notMatch(await root.ok(["run", "--dry-run", "--explain=sh", "--privileged", "box", "true"]), "tc filter");
});
