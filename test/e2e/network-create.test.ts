// Networks of the user's own: what docker's words make in the kernel, who reaches whom, and what is refused.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

const ip = (...args: readonly string[]) => spawnSync("ip", args, { encoding: "utf8" }).stdout;

/** A server that answers on port 80 with its name; returns its address. */
async function serve(root: DataRoot, name: string, network: string, ...options: readonly string[]): Promise<string> {
  const script = "while :; do hostname | nc -l -p 80; done";
  await root.ok(["run", "-d", "--name", name, "--hostname", name, "--network", network, ...options, image, "sh", "-c", script]);
  return root.ok(["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name]);
}

/** Tried as often as the server may not listen, yet or between two callers; where nobody is to answer once. */
const ask = (root: DataRoot, network: string, address: string, tries = 100) =>
  root.tsns([
    "run",
    "--rm",
    "--network",
    network,
    image,
    "sh",
    "-c",
    `for i in $(seq ${tries}); do said=$(nc -w 1 ${address} 80 < /dev/null); [ -n "$said" ] && echo "$said" && exit; sleep 0.1; done; exit 1`,
  ]);

/** From each network, and from the default one, nobody reaches another's containers. */
async function expectApart(t: Test, root: DataRoot, { front, back, closed }: Readonly<Record<"front" | "back" | "closed", string>>) {
  const apart = [
    ["front", back],
    ["back", front],
    ["bridge", front],
    ["bridge", back],
    ["front", closed],
    ["closed", front],
  ] as const;
  await root.ok(["run", "--rm", image, "true"]);
  const answers = await Promise.all(apart.map(([network, address]) => ask(root, network, address, 1)));
  for (const [at, answer] of answers.entries()) t.match(answer, { code: 1, stdout: "" }, `${apart[at]?.join(" does not reach ")}`);
}

t.test("bridge, subnet, labels and who reaches whom", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  const id = await root.ok([
    "network",
    "create",
    "--label",
    "tier=front",
    "--subnet",
    "10.77.0.0/24",
    "--ip-range",
    "10.77.0.128/28",
    "front",
  ]);
  t.match(id, /^[0-9a-f]{64}$/);
  await root.ok([
    "network",
    "create",
    "-d",
    "bridge",
    "-o",
    "com.docker.network.bridge.name=h-back",
    "--opt",
    "com.docker.network.driver.mtu=1280",
    "back",
  ]);
  await root.ok(["network", "create", "--internal", "closed"]);
  t.match(ip("-o", "-4", "address", "show", "dev", "h-back"), /inet 10\.\d+\.\d+\.1\/\d+/);
  t.match(ip("link", "show", "h-back"), /mtu 1280/);
  const names = (await root.ok(["network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}}"])).split("\n");
  t.same(names, [
    "back bridge local false",
    "bridge bridge local false",
    "closed bridge local true",
    "front bridge local false",
    "host host local false",
    "none null local false",
  ]);
  t.equal(await root.ok(["network", "ls", "-q", "--no-trunc", "--filter", "label=tier=front"]), id);
  t.equal(
    await root.ok(["network", "inspect", "-f", "{{(index .IPAM.Config 0).IPRange}} {{.Labels.tier}}", id.slice(0, 8)]),
    "10.77.0.128/28 front",
  );

  const front = await serve(root, "one", "front", "-p", "127.0.0.1:8095:80");
  t.match(front, /^10\.77\.0\.1(2[89]|3\d|4[0-3])$/, "an address of the range");
  const back = await serve(root, "two", "back");
  const closed = await serve(root, "three", "closed", "-p", "8096:80");
  t.match(await ask(root, "front", front), { code: 0, stdout: "one\n" }, "within a network");
  t.match(await ask(root, "back", back), { code: 0, stdout: "two\n" });
  t.match(await ask(root, "closed", closed), { code: 0, stdout: "three\n" });
  await expectApart(t, root, { front, back, closed });
  t.equal(await root.ok(["exec", "three", "sh", "-c", "ip route | grep default || :"]), "", "no way out");
  t.equal(await root.ok(["port", "three"]), "", "nothing is published");
  const members = JSON.parse(await root.ok(["network", "inspect", "front"]))[0].Containers as Record<
    string,
    { Name: string; IPv4Address: string }
  >;
  t.match(Object.values(members), [{ Name: "one", IPv4Address: `${front}/24` }]);
  t.match(await root.tsns(["network", "rm", "front"]), {
    code: 1,
    stderr: /^tsns: error while removing network: network front has active endpoints \(name:"one" id:"[0-9a-f]{12}"\) \(/,
  });
  await root.ok(["rm", "-f", "one", "two", "three"]);
  t.equal(await root.ok(["network", "rm", "front", "back", "closed"]), "front\nback\nclosed");
  t.notMatch(ip("link"), /h-back/);
});

type Refusal = readonly [args: readonly string[], stderr: RegExp];

const overlap = "tsns: Pool overlaps with other one on this address space";

/** Beside docker's words; `network taken` has 10.77.0.0/24 and fd00:77::/64, h-there 10.78.0.1/24. */
const refusedByAddress: readonly Refusal[] = [
  [
    ["--subnet", "10.77.0.0/25", "new"],
    new RegExp(`^${overlap}: 10.77.0.0/25, and network taken has 10.77.0.0/24 \\(10.66.0.0/25 is free`),
  ],
  [
    ["--subnet", "fd00:77::/63", "new"],
    new RegExp(`^${overlap}: fd00:77::/63, and network taken has fd00:77::/64 \\(fd[0-9a-f:]+/63 is free`),
  ],
  [["--subnet", "10.78.0.0/16", "new"], new RegExp(`^${overlap}: 10.78.0.0/16, and this host has a route to 10.78.0.0/24 by h-there \\(`)],
  [["--subnet", "10.78.9.0/24", "new"], new RegExp(`^${overlap}: 10.78.9.0/24, and this host has a route to 10.78.8.0/23 by h-there \\(`)],
  [["--subnet", "fd00:78:1::/64", "new"], new RegExp(`^${overlap}: .*, and this host has a route to fd00:78::/32 by h-there \\(`)],
  [["--subnet", "10.79.0.1/24", "new"], /^tsns: invalid subnet 10\.79\.0\.1\/24: host bits are set \(it should be 10\.79\.0\.0\/24\)/],
  [["--subnet", "10.79.0.0/31", "new"], /no room/],
  [["--subnet", "127.9.0.0/16", "new"], /no host can have these addresses/],
  [["--subnet", "banana", "new"], /^tsns: invalid CIDR address: banana/],
  [["--subnet", "10.79.0.0/24", "--subnet", "10.79.0.0/25", "new"], /^tsns: multiple overlapping subnet configuration is not supported/],
  [["--gateway", "10.79.0.1", "new"], /^tsns: every ip-range or gateway must have a corresponding subnet/],
  [["--subnet", "10.79.0.0/24", "--gateway", "10.80.0.1", "new"], /^tsns: no matching subnet for gateway 10\.80\.0\.1/],
  [["--subnet", "10.79.0.0/24", "--gateway", "10.79.0.255", "new"], /first or last address/],
  [
    ["--subnet", "10.79.0.0/24,fd00:79::/64", "--gateway", "10.79.0.1,10.79.0.2", "new"],
    /^tsns: cannot configure multiple gateways \(10\.79\.0\.2, 10\.79\.0\.1\) for the same subnet \(10\.79\.0\.0\/24\)/,
  ],
  [["--subnet", "10.79.0.0/24", "--ip-range", "10.79.0.0/16", "new"], /^tsns: no matching subnet for range 10\.79\.0\.0\/16/],
  [["--subnet", "10.79.0.0/24", "--aux-address", "a=10.80.0.9", "new"], /^tsns: no matching subnet for aux-address 10\.80\.0\.9/],
  [
    ["--subnet", "10.79.0.0/24", "--aux-address", "a=10.79.0.9", "--aux-address", "b=10.79.0.9", "new"],
    /^tsns: failed to allocate secondary ip address \(b:10\.79\.0\.9\): Address already in use/,
  ],
];

const refusedByKind: readonly Refusal[] = [
  [["-d", "host", "new"], /^tsns: only one instance of "host" network is allowed/],
  [["-d", "overlay", "new"], /^tsns: This node is not a swarm manager/],
  [["-d", "weave", "new"], /^tsns: plugin "weave" not found/],
  [["--scope", "swarm", "new"], /^tsns: --scope swarm: cannot create a swarm scoped network when swarm is not active/],
  [["--ingress", "new"], /Ingress network can only be global scope network/],
  [["--ipam-driver", "null", "new"], /ipv4 pool is empty/],
  [["--ipam-driver", "dhcp", "new"], /^tsns: plugin "dhcp" not found/],
  [["--ipam-opt", "a=b", "new"], /^tsns: --ipam-opt a is not supported/],
  [["--ipv4=false", "new"], /^tsns: IPv4 or IPv6 must be enabled/],
  [["--ipv4=false", "--ipv6", "--subnet", "10.79.0.0/24", "new"], /^tsns: subnet 10\.79\.0\.0\/24 is IPv4/],
  [["--config-only", "--internal", "new"], /^tsns: configuration network can only contain network specific fields/],
  [["--config-from", "nope", "new"], /^tsns: configuration network "nope" does not exist/],
  [["--config-from", "taken", "new"], /^tsns: configuration network "taken" does not exist \(taken is a network of its own\)/],
  [["-o", "com.docker.network.bridge.enable_icc=maybe", "new"], /^tsns: invalid value of .*enable_icc: "maybe" \(give true or false\)/],
  [["-o", "com.docker.network.bridge.gateway_mode_ipv4=isolated", "new"], /isolated is for internal networks \(add --internal\)/],
  [["-o", "com.docker.network.bridge.bogus=1", "new"], /^tsns: --opt com\.docker\.network\.bridge\.bogus is not supported/],
];

t.test("what is refused leaves nothing", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "--subnet", "10.77.0.0/24", "--subnet", "fd00:77::/64", "taken"]);
  ip("link", "add", "h-there", "type", "bridge");
  ip("address", "add", "10.78.0.1/24", "dev", "h-there");
  ip("link", "set", "h-there", "up");
  ip("route", "add", "10.78.8.0/23", "via", "10.78.0.9");
  ip("-6", "route", "add", "fd00:78::/32", "dev", "h-there");
  const links = ip("link");
  const cases: readonly Refusal[] = [
    [["taken"], /^tsns: network with name taken already exists/],
    [["bridge"], /^tsns: operation is not permitted on predefined bridge network/],
    [["b!"], /^tsns: invalid network name "b!"/],
    ...refusedByAddress,
    ...refusedByKind,
    [["-o", "com.docker.network.bridge.name=h-there", "new"], /^tsns: bridge h-there exists already: this host has a link of that name/],
    [["-o", "com.docker.network.bridge.name=a-name-over-15-characters", "new"], /^tsns: invalid bridge name "a-name-over-15-characters"/],
    [["-o", "com.docker.network.driver.mtu=9", "new"], /^tsns: invalid mtu "9"/],
  ];
  for (const [args, stderr] of cases) {
    const outcome = await root.tsns(["network", "create", ...args]);
    t.match(outcome, { code: 1, stdout: "", stderr }, args.join(" "));
    t.equal(outcome.stderr.split("\n").length, 2, "one line");
  }
  t.match(await root.tsns(["network", "rm", "host"]), { code: 1, stderr: /host is a pre-defined network/ });
  await root.ok(["network", "rm", "--default", "bridge"]);
  t.match(await root.tsns(["network", "rm", "nope"]), { code: 1, stderr: /^tsns: network nope not found/ });
  t.match(await root.tsns(["network", "rm", "-f", "nope"]), { code: 0, stderr: "" });
  t.match(await root.tsns(["network", "inspect", "nope"]), { code: 1, stdout: "[]\n" });
  t.match(await root.tsns(["run", "--rm", "--network", "nope", image, "true"]), { code: 125, stderr: /network nope not found/ });
  t.match(await root.tsns(["network", "ls", "--filter", "x=y"]), { code: 1, stderr: /invalid filter 'x' / });
  t.equal(ip("link"), links, "nothing was made");
  t.match((await root.ok(["network", "ls", "--format", "{{.Name}}"])).split("\n"), ["bridge", "host", "none", "taken"]);
  await root.ok(["network", "rm", "taken"]);
});

t.test("an ordinary user is told", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  const command = [
    "--reuid",
    "65534",
    "--clear-groups",
    process.env.TSNS_TEST_COMMAND ?? new URL("../../dist/tsns", import.meta.url).pathname,
  ];
  const { status, stderr } = spawnSync("setpriv", [...command, "--root", "/tmp/tsns-nobody", "network", "create", "net"], {
    encoding: "utf8",
    cwd: "/",
  });
  t.match(stderr, /^tsns: .*need root: this process lacks CAP_[^\n]*\n$/);
  t.equal(status, 1);
  t.ok(root);
  spawnSync("rm", ["-rf", "/tmp/tsns-nobody"]);
});
