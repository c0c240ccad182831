// Many networks and containers at the same time: all are there, all reach their own, nothing is left.
import "../fixture/fresh-namespaces.ts";
import { readdirSync } from "node:fs";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { eachOf } from "../fixture/each-of.ts";
import { needRoot } from "../fixture/root.ts";
import { makeTalk, type Talk } from "../matrix/talk.ts";
import { rowsOf } from "./fault-lab.ts";
import { bridgesOf, ownRules, sh } from "./network-lab.ts";

const slow = { timeoutMs: 240_000 };
const width = 8;

/** What `doctor` says, "" when it finds nothing. */
async function doctor(root: DataRoot): Promise<string> {
  const { code, stdout, stderr } = await root.tsns(["doctor"]);
  return code === 0 && stdout === "nothing is left over\n" ? "" : `${code} ${stdout}${stderr}`;
}

const linksOf = () => readdirSync("/sys/class/net").filter((name) => name !== "lo");

interface Crowd {
  readonly networks: number;
  readonly containers: number;
}

/** Where a container is: its name, its network's number and both its addresses. */
interface Member {
  readonly name: string;
  readonly pid: string;
  readonly network: string;
  readonly addresses: readonly string[];
}

async function membersOf(root: DataRoot, count: number): Promise<readonly Member[]> {
  const template =
    "{{.Name}} {{.State.Pid}}{{range $n, $e := .NetworkSettings.Networks}} {{$n}} {{$e.IPAddress}} {{$e.GlobalIPv6Address}}{{end}}";
  const names = Array.from({ length: count }, (_, at) => `c${at}`);
  const lines = (await root.ok(["inspect", "-f", template, ...names])).split("\n");
  return lines.map((line) => {
    const [name = "", pid = "", network = "", ...addresses] = line.split(" ");
    return { name: name.slice(1), pid, network, addresses: addresses.filter((address) => address !== "") };
  });
}

async function make(root: DataRoot, { networks, containers }: Crowd): Promise<void> {
  await eachOf(networks, width, async (at) => {
    await root.ok(["network", "create", "--ipv6", "--subnet", `10.172.${at}.0/24`, "--subnet", `fd17:2:${at}::/64`, `n${at}`], slow);
  });
  await eachOf(containers, width, async (at) => {
    const words = ["run", "-d", "--name", `c${at}`, "--network", `n${at % networks}`, "-p", "127.0.0.1::80"];
    await root.ok([...words, image, "talk", "serve", `c${at}`, "tcp,*,80"], slow);
  });
}

/** Each of a few reaches a neighbour by both addresses, which sees whose they are, and nobody of another network. */
async function expectReach(t: Test, talk: Talk, members: readonly Member[]): Promise<void> {
  const few = members.filter((_, at) => at % 29 === 0);
  await Promise.all(
    few.map(async ({ name, network, addresses, pid }) => {
      const peer = members.find((other) => other.network === network && other.name !== name);
      const stranger = members.find((other) => other.network !== network);
      const question = (timeoutMs: number) => (address: string) => ({ protocol: "tcp" as const, address, port: 80, timeoutMs });
      const asked = [...(peer?.addresses ?? []).map(question(10_000)), ...(stranger?.addresses ?? []).map(question(800))];
      const answers = await talk.ask(["nsenter", "-t", pid, "-n"], asked);
      const wanted = addresses.map((address) => `${peer?.name} ${address}`);
      t.same(
        answers.map((answer) => answer.replace(/^!.*/, "blocked")),
        [...wanted, ...addresses.map(() => "blocked")],
        name,
      );
    }),
  );
}

async function remove(root: DataRoot, { networks, containers }: Crowd): Promise<void> {
  await eachOf(containers, width, async (at) => void (await root.ok(["rm", "-f", `c${at}`], slow)));
  await eachOf(networks, width, async (at) => void (await root.ok(["network", "rm", `n${at}`], slow)));
}

async function expectNothing(t: Test, root: DataRoot): Promise<void> {
  t.equal(await doctor(root), "");
  t.same(bridgesOf(), []);
  t.same(linksOf(), []);
  t.same(ownRules(), []);
  t.same(rowsOf(root, "address_lease"), []);
  t.same(rowsOf(root, "port_lease"), []);
}

t.test("200 containers on 20 networks, 8 at a time", { ...needRoot, timeout: 280_000 }, async (t) => {
  const talk = makeTalk(t);
  const root = await makeBusyboxRoot(t, [talk.entry]);
  const crowd: Crowd = { networks: 20, containers: 200 };
  await make(root, crowd);
  const members = await membersOf(root, crowd.containers);
  t.equal((await root.ok(["ps", "-q"])).split("\n").length, crowd.containers, "all run");
  t.equal(new Set(members.flatMap(({ addresses }) => addresses)).size, crowd.containers * 2, "each with addresses of its own");
  t.equal(new Set(members.map(({ network }) => network)).size, crowd.networks);
  await expectReach(t, talk, members);
  t.equal(await doctor(root), "", "nothing is left over while they run");
  await remove(root, crowd);
  await expectNothing(t, root);
});

t.test("a storm of connects and disconnects", { ...needRoot, timeout: 280_000 }, async (t) => {
  const talk = makeTalk(t);
  const root = await makeBusyboxRoot(t, [talk.entry]);
  const crowd: Crowd = { networks: 4, containers: 8 };
  await make(root, crowd);
  // each container is moved about by two at a time, which ask for the same things in another order
  await eachOf(96, width, async (at) => {
    const name = `c${at % crowd.containers}`;
    const network = `n${(at + 1 + Math.floor(at / crowd.containers)) % crowd.networks}`;
    const { code, stderr } = await root.tsns(["network", at % 3 === 2 ? "disconnect" : "connect", network, name], slow);
    if (code !== 0) t.match(stderr, /^tsns: [^\n]*(already|not connected)[^\n]*\n(hint: [^\n]*\n)?$/i, "refused in one line");
  });
  t.equal(await doctor(root), "");
  await t.test("what is recorded is what there is", async (t) => {
    for (let at = 0; at < crowd.containers; at++) await expectTrue(t, root, `c${at}`);
  });
  await t.test("and what is reached", (t) => expectShared(t, root, talk, crowd.containers));
  await eachOf(crowd.containers * crowd.networks, width, async (at) => {
    await root.tsns(["network", "disconnect", `n${at % crowd.networks}`, `c${Math.floor(at / crowd.networks)}`], slow);
  });
  t.equal(linksOf().length, crowd.networks, "only the bridges are left");
  await remove(root, crowd);
  await expectNothing(t, root);
});

interface Place {
  readonly container: string;
  readonly pid: string;
  readonly network: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A container reaches others by their addresses on networks that both are on, under its own address there, and by no other. */
async function expectShared(t: Test, root: DataRoot, talk: Talk, count: number): Promise<void> {
  const template =
    "{{$c := .}}{{range $n, $e := .NetworkSettings.Networks}}{{$c.Name}} {{$c.State.Pid}} {{$n}} {{$e.IPAddress}} {{$e.GlobalIPv6Address}};{{end}}";
  const names = Array.from({ length: count }, (_, at) => `c${at}`);
  const places = (await root.ok(["inspect", "-f", template, ...names])).split(/[;\n]+/).flatMap((line): Place[] => {
    const [container = "", pid = "", network = "", ipv4 = "", ipv6 = ""] = line.split(" ");
    return ipv6 === "" ? [] : [{ container: container.slice(1), pid, network, ipv4, ipv6 }];
  });
  const askers = [...new Map(places.map((place) => [place.container, place.pid]))];
  await Promise.all(
    askers.map(async ([name, pid]) => {
      const cells = places
        .filter(({ container }) => container !== name)
        .flatMap((target) => {
          const own = places.find(({ container, network }) => container === name && network === target.network);
          return (["ipv4", "ipv6"] as const).map((family) => ({
            address: target[family],
            wanted: own ? `${target.container} ${own[family]}` : "blocked",
          }));
        });
      const ask = ({ address, wanted }: (typeof cells)[number]) =>
        ({ protocol: "tcp", address, port: 80, timeoutMs: wanted === "blocked" ? 800 : 10_000 }) as const;
      const answers = await talk.ask(["nsenter", "-t", pid, "-n"], cells.map(ask));
      t.same(
        Object.fromEntries(cells.map(({ address }, at) => [address, (answers[at] ?? "").replace(/^!.*/, "blocked")])),
        Object.fromEntries(cells.map(({ address, wanted }) => [address, wanted])),
        `${cells.length} addresses from ${name}`,
      );
    }),
  );
}

/** Links and addresses inside a container are those of its record. */
async function expectTrue(t: Test, root: DataRoot, name: string): Promise<void> {
  const template =
    "{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}}/{{.IPPrefixLen}} {{.GlobalIPv6Address}}/{{.GlobalIPv6PrefixLen}}{{end}}";
  const [pid, ...recorded] = (await root.ok(["inspect", "-f", template, name])).split(" ");
  const there = sh(`nsenter -t ${pid} -n ip -o addr show scope global`)
    .split("\n")
    .flatMap((line) => /inet6? (\S+)/.exec(line)?.[1] ?? []);
  t.same(there.sort(), recorded.sort(), name);
}
