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

const ask = (root: DataRoot, network: string, address: string, tries = 3) =>
  root.tsns([
    "run",
    "--rm",
    "--network",
    network,
    image,
    "sh",
    "-c",
    `for i in $(seq ${tries}); do said=$(nc -w 1 ${address} 80 < /dev/null); [ -n "$said" ] && echo "$said" && exit; done; exit 1`,
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
  t.match(await root.tsns(["network", "rm", "front"]), { code: 1, stderr: /^tsns: network front is in use by one \(/ });
  await root.ok(["rm", "-f", "one", "two", "three"]);
  t.equal(await root.ok(["network", "rm", "front", "back", "closed"]), "front\nback\nclosed");
  t.notMatch(ip("link"), /h-back/);
});

t.test("what is refused leaves nothing", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "--subnet", "10.77.0.0/24", "taken"]);
  ip("link", "add", "h-there", "type", "bridge");
  ip("address", "add", "10.78.0.1/24", "dev", "h-there");
  ip("link", "set", "h-there", "up");
  const links = ip("link");
  const cases: readonly (readonly [args: readonly string[], stderr: RegExp])[] = [
    [["taken"], /^tsns: network with name taken already exists/],
    [["bridge"], /^tsns: operation is not permitted on predefined bridge network/],
    [["b!"], /^tsns: invalid network name "b!"/],
    [
      ["--subnet", "10.77.0.0/25", "new"],
      /^tsns: Pool overlaps with other one on this address space: .* network taken has 10\.77\.0\.0\/24/,
    ],
    [
      ["--subnet", "10.78.0.0/16", "new"],
      /^tsns: Pool overlaps with other one on this address space: .* this host has a route or address in 10\.78\.0/,
    ],
    [["--subnet", "10.79.0.1/24", "new"], /^tsns: invalid subnet 10\.79\.0\.1\/24: host bits are set \(it should be 10\.79\.0\.0\/24\)/],
    [["--subnet", "10.79.0.0/31", "new"], /no room/],
    [["--subnet", "banana", "new"], /"banana" is not an IPv4 subnet/],
    [["--subnet", "10.79.0.0/24", "--gateway", "10.80.0.1", "new"], /no matching subnet for gateway 10\.80\.0\.1/],
    [["--subnet", "10.79.0.0/24", "--ip-range", "10.79.0.0/16", "new"], /no matching subnet for range 10\.79\.0\.0\/16/],
    [["-d", "macvlan", "new"], /^tsns: network driver "macvlan" is not supported/],
    [["--ipv6", "new"], /^tsns: --ipv6 is not supported/],
    [["--attachable", "new"], /^tsns: --attachable is not supported/],
    [["-o", "com.docker.network.bridge.enable_icc=false", "new"], /^tsns: --opt com\.docker\.network\.bridge\.enable_icc is not supported/],
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
  t.match(await root.tsns(["network", "rm", "nope"]), { code: 1, stderr: /^tsns: network nope not found/ });
  t.match(await root.tsns(["network", "rm", "-f", "nope"]), { code: 0, stderr: "" });
  t.match(await root.tsns(["network", "inspect", "nope"]), { code: 1, stdout: "[]\n" });
  t.match(await root.tsns(["run", "--rm", "--network", "nope", image, "true"]), { code: 125, stderr: /network nope not found/ });
  t.match(await root.tsns(["network", "ls", "--filter", "x=y"]), { code: 1, stderr: /invalid filter 'x=y'/ });
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
