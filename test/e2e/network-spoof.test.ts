// A container that may do all with its own link (NET_ADMIN, NET_RAW) in its neighbour's name, through the shipped command.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import type { DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { makeBox, sh } from "./network-lab.ts";

const admin = ["--cap-add", "NET_ADMIN"];
const keep = (root: DataRoot, name: string, options: readonly string[]) =>
  root.ok(["run", "-d", "--name", name, ...options, "box", "sleep", "1000"]);

/** Whether the gateway answers a container after it has changed its link. */
async function reaches(root: DataRoot, name: string, change: string, gateway: string): Promise<boolean> {
  await root.ok(["exec", name, "sh", "-c", change]);
  const { stdout } = await root.tsns(["exec", name, "ping", "-c1", "-W1", gateway]);
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
  const other = victim.replace(/\.\d+$/, ".250");

  for (const name of ["victim", "thief", "free", "lord", "mapped"]) t.ok(await reaches(root, name, ":", gateway), `${name} as it was made`);
  const take = (mine: string) => `ip addr add ${other}/16 dev eth0 && ip addr del ${mine} dev eth0`;
  const mine = async (name: string) => (await root.ok(["exec", name, "ip", "-4", "addr", "show", "eth0"])).match(/inet (\S+)/)?.[1] ?? "";
  for (const [name, may] of [
    ["thief", false],
    ["mapped", false],
    ["free", true],
    ["lord", true],
  ] as const) {
    const own = await mine(name);
    t.equal(await reaches(root, name, take(own), gateway), may, `${name} with an address that is not its own`);
    t.ok(
      await reaches(root, name, `ip addr add ${own} dev eth0 && ip addr del ${other}/16 dev eth0`, gateway),
      `${name} with its own again`,
    );
  }
  t.notOk(await reaches(root, "thief", "ip link set eth0 address 02:00:00:00:00:99", gateway), "another hardware address");
  t.ok(await reaches(root, "free", "ip link set eth0 address 02:00:00:00:00:98", gateway), "which is allowed as well");

  const known = () => sh(`ip neigh show ${victim}`).match(/lladdr (\S+)/)?.[1];
  t.ok(await reaches(root, "victim", ":", gateway));
  const before = known();
  await root.tsns(["exec", "thief", "arping", "-U", "-c1", "-w1", "-I", "eth0", "-s", victim, gateway]);
  t.equal(known(), before, "the gateway still knows the victim's");

  t.match(await root.ok(["inspect", "-f", "{{.HostConfig.SecurityOpt}}", "free"]), "[spoofing=allowed]");
  t.match(await root.ok(["inspect", "--as", "run", "free"]), "--security-opt spoofing=allowed");
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
