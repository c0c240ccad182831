// tsns net veth, addr, route, link and check through the shipped command: a container's namespace, dry runs, and everything refused.
import "../fixture/fresh-namespaces.ts";
import { execFile } from "node:child_process";
import t, { type Test } from "tap";
import { command, type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openSpace, stateOf, untilSettled } from "../network/namespace-lab.ts";
import { makeBox, sh } from "./network-lab.ts";

const words = (line: string) => line.split(" ");
const net = (root: DataRoot, line: string) => root.ok(["net", ...words(line)]);

/** A data root without images. */
async function makeEmpty(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  await root.ok(["ps"]);
  return root;
}

t.test("links, addresses and routes of a container", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["run", "-d", "--name", "web", "box", "sleep", "1000"]);
  await net(root, "veth add lab0 lab1 --peer-in web --mtu 1400 --up");
  await net(root, "addr add 10.8.0.1/24 dev lab0");
  await net(root, "addr add 10.8.0.2/24 fd08::2/64 dev lab1 nodad --in web");
  await net(root, "route add 10.9.0.0/16 via 10.8.0.1 dev lab1 --ns web");
  t.equal(await net(root, "addr ls lab1 --in web -4 -q"), "10.8.0.2/24");
  t.equal(await net(root, "route get 10.9.1.1 --in web --format {{.Via}},{{.Link}},{{.Source}}"), "10.8.0.1,lab1,10.8.0.2");
  const pairs = JSON.parse(await net(root, "veth ls --json")) as {
    end: { name: string; owner: string };
    peer: { name: string; owner: string };
  }[];
  t.match(
    pairs.find(({ end }) => end.name === "lab0"),
    { end: { owner: "host", state: "UP", mtu: 1400, addresses: ["10.8.0.1/24"] }, peer: { name: "lab1", owner: "web", mtu: 1400 } },
  );
  t.match(await net(root, "veth ls"), /^NAME +IN +STATE[^\n]*\n(.*\n)*lab0 +host +UP .* lab1 +web /);
  t.match(await net(root, "link ls lab0 --format {{.Name}}:{{.Owner}}"), /^lab0:web$/);
  await net(root, "link set lab1 name renamed mtu 1300 --in web");
  t.match(await net(root, "link show renamed --in web"), /^link: +renamed .*\nkind: +veth\nowner: +host\n(.*\n)*mtu: +1300 bytes/);
  await net(root, "veth move renamed --in web --to host --name back");
  t.match(sh("ip -o link show back"), /back@lab0: .* mtu 1300 /);
  await net(root, "veth del back");
  t.notMatch(sh("ip -o link"), /lab0/);
  await root.ok(["rm", "-f", "web"]);
});

t.test("dry runs and explanations", needRoot, async (t) => {
  const root = await makeEmpty(t);
  const space = await openSpace(t);
  space.sh("ip link add br0 type bridge");
  const before = stateOf(space);
  const dry = await net(root, `link set br0 up mtu 1400 --in ${space.pid} --dry-run`);
  t.match(dry, new RegExp(`^1\\.  link\\.set .*\\n +\\$ nsenter --net=/proc/${space.pid}/ns/net ip link set dev br0 mtu 1400\\n2\\. `));
  t.same(stateOf(space), before);
  const script = await net(root, `addr add 10.8.0.1/24 dev br0 --in ${space.pid} --dry-run --explain=sh`);
  sh(script);
  t.match(space.sh("ip -o addr show br0"), /10\.8\.0\.1\/24 brd 10\.8\.0\.255/, "the script has the effect");
  const { stderr } = await root.tsns(["net", "addr", "flush", "br0", "--in", space.path, "--explain", "--timings"]);
  t.match(stderr, /address\.remove .*\n +\$ .*\n(.*\n)* *\d+ us {2}address\.remove/);
  t.notMatch(space.sh("ip -o addr show br0"), /10\.8/);
});

/** What is typed, the exit code, and the one line that is said. */
const refusals: readonly (readonly [string, number, RegExp])[] = [
  ["link up v00", 1, /^tsns: there is no interface v00 in process \d+ \(did you mean v0\?\)$/],
  ["link set v0 mtu 7", 1, /v0 takes no MTU of 7 bytes \(from 68 to 65535\)$/],
  ["link set v0 address 01:00:00:00:00:01", 2, /01:00:00:00:00:01 is no address of one station \(.*first byte even\)/],
  ["link set v0 mut 1300", 2, /unknown word "mut", did you mean mtu\?/],
  ["link set v0 name sixteen-letters-", 2, /has 16 characters, at most 15/],
  ["link set br0 mtu 1234 master br1", 1, /br0 is a bridge itself \(join two bridges with a veth pair/],
  ["link del lo", 1, /lo in process \d+ is hardware or loopback/],
  ["link ls nope", 1, /no interface nope in process \d+ \(there are lo, /],
  ["veth add v0 v9", 1, /there is an interface v0 in process \d+ already/],
  ["veth add sixteen-letters- v9", 2, /has 16 characters/],
  ["veth add v8 v9 --mtu 9", 2, /no MTU of 9 bytes/],
  ["veth add v8 v9 --peer-in 4999999", 1, /no .*4999999/],
  ["veth move v0", 2, /--to is missing/],
  ["veth move v0 --to nobody-there", 1, /"nobody-there" is no running container, pid, path/],
  ["veth del br0", 1, /br0 is no veth link but bridge/],
  ["addr add 10.8.0.1/24 dev v0", 1, /v0 in process \d+ has the address 10\.8\.0\.1\/24 already/],
  ["addr add 10.8.0.300/24 dev v0", 2, /"10\.8\.0\.300\/24" is no address/],
  ["addr del 10.8.0.7 dev v0", 1, /has no address 10\.8\.0\.7 \(it has 10\.8\.0\.1\/24/],
  ["addr ls v0 -4 -6", 2, /exclude each other/],
  ["route add 10.9.0.0/16 via 10.77.0.1", 1, /gateway 10\.77\.0\.1 cannot be reached: no network/],
  ["route add 10.9.0.1/16 dev v0", 2, /the network is 10\.9\.0\.0\/16/],
  ["route add 10.9.0.0/16 dev br1", 1, /br1 in process \d+ is down/],
  ["route add 10.8.0.0/24 dev v0", 1, /has a route to 10\.8\.0\.0\/24 in table main already/],
  ["route del 10.77.0.0/16", 1, /has no route 10\.77\.0\.0\/16/],
  ["route get 10.77.0.1", 1, /10\.77\.0\.1 cannot be reached from process \d+: no route leads there/],
  ["route get ten", 2, /"ten" is no IP address/],
  ["route ls --table x", 2, /table "x" is neither main/],
];

t.test("refused with one line, and nothing changed", needRoot, async (t) => {
  const root = await makeEmpty(t);
  const space = await openSpace(t);
  space.sh("ip link add br0 type bridge; ip link add br1 type bridge; ip link add v0 type veth peer name v1");
  space.sh("ip link set v0 up; ip link set v1 up; ip addr add 10.8.0.1/24 dev v0");
  await untilSettled(space);
  const before = stateOf(space);
  await Promise.all(
    refusals.map(async ([line, code, said]) => {
      const outcome = await root.tsns(["net", ...words(line), "--in", `${space.pid}`]);
      t.match(outcome.stderr.trim(), said, line);
      t.equal(outcome.code, code, line);
      t.match(outcome.stderr, /^tsns: [^\n]+ \([^\n]+\)\n$/, `${line}: one line with a remedy`);
    }),
  );
  t.same(stateOf(space), before);
});

t.test("an ordinary user is told so", needRoot, async (t) => {
  const space = await openSpace(t);
  const ask = (line: string) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      const args = [
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        "env",
        "TSNS_ROOT=/nonexistent",
        command,
        "net",
        ...words(line),
      ];
      execFile("setpriv", args, { encoding: "utf8" }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }));
    });
  for (const line of ["link down lo", "addr add 10.8.0.1/24 dev lo", "veth add q0 q1", `link ls --in ${space.pid}`]) {
    const { code, stderr } = await ask(line);
    t.match(stderr, /^tsns: [^\n]+ \(run as root\)\n$/, line);
    t.equal(code, 1);
  }
  t.match(await ask("link ls -q"), { code: 0, stdout: /^lo\n/ }, "looking is free");
  t.match((await ask("check")).stdout, /^warn +iptables .*root/m);
});

t.test("check finds what is wrong, and its repair repairs it", needRoot, async (t) => {
  const root = await makeEmpty(t);
  sh("ip link add chk0 type bridge; ip addr add 10.44.0.1/24 dev chk0; ip link set chk0 up; sysctl -qw net.ipv4.ip_forward=0");
  const ask = async (...options: readonly string[]) => {
    const { code, stdout } = await root.tsns(["net", "check", "--json", ...options]);
    return { code, results: JSON.parse(stdout) as { name: string; status: string; found: string; fix: string }[] };
  };
  const first = await ask();
  const forward = first.results.find(({ name }) => name === "ip-forward");
  t.match(forward, { status: "fail", found: "/proc/sys/net/ipv4/ip_forward is 0" });
  t.equal(first.code, 1);
  sh(forward?.fix ?? "false");
  sh("ip link add out0 type bridge; ip link set out0 up; ip route add 10.44.0.128/25 dev out0");
  const overlap = (await ask()).results.find(({ name }) => name === "subnet-overlap");
  t.match(overlap, { status: "fail", found: "bridge chk0 has 10.44.0.0/24, a route of the host is 10.44.0.128/25 dev out0" });
  sh((overlap?.fix ?? "false").replace(/^tsns/, command));
  const last = await ask("-q");
  t.equal(last.code, 0);
  t.notOk(last.results.some(({ status }) => status === "ok" || status === "fail"));
  t.match(await root.ok(["net", "check", "--format", "table {{.Status}}\\t{{.Check}}"]), /^STATUS +CHECK\nok +ip-forward\n/);
  const expected = last.results.length > 0 ? 1 : 0;
  t.equal((await ask("--fail-on", "warn")).code, expected);
  t.equal((await root.tsns(["net", "check", "--fail-on", "never"])).code, 2);
  sh("ip link del chk0; ip link del out0");
});

t.test("brctl's columns may be asked for by name", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["net", "bridge", "add", "cols0"]);
  t.teardown(() => root.ok(["net", "bridge", "del", "cols0"]));
  t.equal(await root.ok(["net", "bridge", "show", "--brctl", "cols0"]), await root.ok(["net", "bridge", "show", "cols0"]));
  t.match(await root.tsns(["net", "bridge", "show", "--brctl", "--json"]), { code: 2, stderr: /leave out --json and --format/ });
});
