// Links, addresses and routes of other namespaces on the real kernel: as ip(8) sees them, and each step against its shell command.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import t, { type Test } from "tap";
import { listAddresses } from "../../src/engine/network/address.ts";
import { listLinks, setLink } from "../../src/engine/network/link.ts";
import { getRoute, listRoutes } from "../../src/engine/network/route.ts";
import { addVeth, listVethPairs, moveVeth } from "../../src/engine/network/veth.ts";
import { realKernel } from "../../src/kernel/apply.ts";
import { readLinkTables } from "../../src/kernel/network/link-table.ts";
import { nameOf, renderDestination, routeProtocols, routeTables } from "../../src/network/route-state.ts";
import { shellOfStep } from "../../src/plan/shell.ts";
import type { LinkChange } from "../../src/plan/step/link.ts";
import type { Step } from "../../src/plan/step.ts";
import { needRoot } from "../fixture/root.ts";
import { openTestEngine } from "../fixture/store.ts";
import { openSpace, type Space, stateOf, untilSettled } from "../network/namespace-lab.ts";

const engine = openTestEngine(t);

/** Every kind of step, in two namespaces. */
function steps(one: Space, other: Space): readonly Step[] {
  const [here, there] = [{ namespace: one.path }, { namespace: other.path }];
  const set = (name: string, change: LinkChange, where: { namespace: string }): Step => ({ kind: "link.set", name, change, ...where });
  const unicast = { type: "unicast" } as const;
  return [
    { kind: "veth.add", name: "a", peer: "b", ...here, peerNamespace: other.path, mtuBytes: 1400 },
    set("a", { mac: "02:00:00:00:00:0a" }, here),
    set("b", { mac: "02:00:00:00:00:0b" }, there),
    set("a", { txQueueLength: 77 }, here),
    set("a", { alias: "to the other one" }, here),
    set("a", { promiscuous: true }, here),
    set("b", { newName: "renamed" }, there),
    set("renamed", { mtuBytes: 1300 }, there),
    set("a", { up: true }, here),
    set("renamed", { up: true }, there),
    set("a", { up: false }, here),
    set("a", { up: true }, here),
    { kind: "address.add", link: "a", address: "10.7.0.1/24", ...here },
    { kind: "address.add", link: "a", address: "10.7.1.1/24", ...here },
    { kind: "address.add", link: "a", address: "10.7.2.1/31", ...here },
    { kind: "address.add", link: "a", address: "fd07::1/64", withoutDetection: true, ...here },
    { kind: "address.add", link: "renamed", address: "10.7.0.2/24", ...there },
    { kind: "address.remove", link: "a", address: "10.7.1.1/24", ...here },
    { kind: "route.add", route: { ...unicast, destination: "0.0.0.0/0", gateway: "10.7.0.1" }, ...there },
    {
      kind: "route.add",
      route: { ...unicast, destination: "10.8.0.0/16", gateway: "10.7.0.2", link: "a", source: "10.7.0.1", metric: 5 },
      ...here,
    },
    { kind: "route.add", route: { ...unicast, destination: "10.9.0.0/16", link: "a", table: 1000, mtuBytes: 1200 }, ...here },
    { kind: "route.add", route: { ...unicast, destination: "10.10.0.0/16", gateway: "192.0.2.1", link: "a", onlink: true }, ...here },
    { kind: "route.add", route: { ...unicast, destination: "10.11.0.0/16", gateway: "fe80::1", link: "a" }, ...here },
    { kind: "route.add", route: { ...unicast, destination: "::/0", gateway: "fd07::2" }, ...here },
    { kind: "route.add", route: { type: "blackhole", destination: "10.12.0.0/16", protocol: 4 }, ...here },
    { kind: "route.add", route: { type: "unreachable", destination: "fd99::/64" }, ...here },
    { kind: "route.add", route: { type: "prohibit", destination: "10.13.0.0/16" }, ...here },
    { kind: "route.remove", route: { type: "prohibit", destination: "10.13.0.0/16" }, ...here },
    { kind: "veth.add", name: "c", peer: "d", ...here, peerNamespace: one.path },
    set("c", { mac: "02:00:00:00:00:0c" }, here),
    set("d", { mac: "02:00:00:00:00:0d" }, here),
    set("c", { master: "br0" }, here),
    { kind: "link.move", name: "d", ...here, target: other.path, newName: "e" },
    { kind: "link.move", name: "e", ...there, newName: "visit" },
    { kind: "link.move", name: "visit", target: other.path },
    set("c", { master: "" }, here),
    set("c", { master: "br0" }, here),
    { kind: "veth.add", name: "f", peer: "g", ...here, peerNamespace: other.path },
    { kind: "link.remove", name: "g", ...there },
  ];
}

async function openPair(t: Test): Promise<readonly [Space, Space]> {
  const spaces = [await openSpace(t), await openSpace(t)] as const;
  spaces[0].sh("ip link add br0 address 02:00:00:00:00:bb type bridge");
  return spaces;
}

/** What the listings say is what ip(8) says. */
function checkListings(t: Test, ours: readonly [Space, Space]): void {
  const [space] = ours;
  const pid = `${space.pid}`;
  const links = JSON.parse(space.sh("ip -j -d link")) as Record<string, unknown>[];
  t.same(
    listLinks(engine, pid).map(({ index, name, flags, mtu, state, mac, txQueueLength, qdisc, type, masterName, alias }) => {
      return { index, name, flags, mtu, state, mac, txQueueLength, qdisc, type, masterName, alias };
    }),
    links.map((link) => ({
      index: link.ifindex,
      name: link.ifname,
      flags: link.flags,
      mtu: link.mtu,
      state: link.operstate,
      mac: link.address ?? "",
      txQueueLength: link.txqlen,
      qdisc: link.qdisc ?? "",
      type: link.link_type,
      masterName: link.master ?? "",
      alias: link.ifalias ?? "",
    })),
  );
  const addresses = (JSON.parse(space.sh("ip -j addr")) as { ifname: string; addr_info: Record<string, unknown>[] }[]).flatMap((link) =>
    link.addr_info.map((address) => [link.ifname, address.local, address.prefixlen, address.broadcast, address.scope]),
  );
  t.same(
    listAddresses(engine, pid)
      .map(({ link, address, prefixLength, broadcast, scope }) => [link, address, prefixLength, broadcast, scope])
      .sort(),
    addresses.sort(),
  );
  const routes = ["-4", "-6"].flatMap((which) => JSON.parse(space.sh(`ip -j ${which} route show table all`)) as Record<string, unknown>[]);
  const row = (...fields: readonly unknown[]) => fields.map((field) => field ?? "").join(" ");
  t.same(
    listRoutes(engine, pid, { table: 0 })
      .map((route) =>
        row(
          route.type,
          renderDestination(route.destination),
          route.gateway,
          route.link,
          route.source,
          route.metric || "",
          nameOf(routeTables, route.table),
          nameOf(routeProtocols, route.protocol),
        ),
      )
      .sort(),
    routes
      .map((route) => {
        const gateway = route.gateway ?? (route.via as { host?: string } | undefined)?.host;
        const link = route.dev === "lo" && ["unreachable", "blackhole"].includes(String(route.type)) ? "lo" : route.dev;
        return row(
          route.type ?? "unicast",
          route.dst,
          gateway,
          link,
          route.prefsrc,
          route.metric || "",
          route.table ?? "main",
          route.protocol ?? "boot",
        );
      })
      .sort(),
  );
  t.match(getRoute(engine, pid, { to: "10.8.1.1" }), { gateway: "10.7.0.2", link: "a", source: "10.7.0.1" });
  t.throws(() => getRoute(engine, pid, { to: "10.12.0.1" }), { code: "no-route" });
  const veth = listVethPairs(engine).find(({ end, peer }) => end.pid === space.pid && peer?.name === "renamed");
  t.match(veth, {
    end: { name: "a", mtu: 1400, addresses: ["10.7.0.1/24"] },
    peer: { name: "renamed", pid: ours[1].pid, mtu: 1300, addresses: ["10.7.0.2/24"] },
  });
}

t.test("every step does what its shell command does", needRoot, async (t) => {
  const [ours, theirs] = [await openPair(t), await openPair(t)];
  for (const step of steps(...ours)) await realKernel.perform(step);
  execFileSync(
    "sh",
    [
      "-ec",
      steps(...theirs)
        .map(shellOfStep)
        .join("\n"),
    ],
    { encoding: "utf8" },
  );
  for (const space of [...ours, ...theirs]) await untilSettled(space);
  t.same(stateOf(ours[0]), stateOf(theirs[0]));
  t.same(stateOf(ours[1]), stateOf(theirs[1]));
  t.ok(stateOf(ours[0]).includes("a alias to the other one promiscuity 1"), "and what was asked for");
  t.match(stateOf(ours[1]).join("\n"), /"ifname":"renamed"[^\n]*"mtu":1300/);

  checkListings(t, ours);
});

t.test("pairs of namespaces with equal numbers are told apart", needRoot, async (t) => {
  const spaces = await Promise.all([openSpace(t), openSpace(t), openSpace(t), openSpace(t)]);
  const [one, two, three, four] = spaces.map(({ pid }) => `${pid}`);
  await addVeth(engine, { name: "x", peer: "x" }, { in: one, peerIn: two });
  await addVeth(engine, { name: "x", peer: "x" }, { in: three, peerIn: four });
  const ours = new Set(spaces.map(({ pid }) => pid));
  const pairs = listVethPairs(engine)
    .filter(({ end }) => end.pid !== undefined && ours.has(end.pid))
    .map(({ end, peer }) => [end.pid, peer?.pid].map(String).sort().join(" "));
  t.same(pairs.sort(), [[one, two].map(String).sort().join(" "), [three, four].map(String).sort().join(" ")].sort());
});

t.test("one process asks many namespaces, and none that cannot be entered", needRoot, async (t) => {
  const [one, two] = [await openSpace(t), await openSpace(t)];
  one.sh("ip link add only1 type bridge");
  two.sh("ip link add only2 type bridge; ip addr add 10.8.0.1/24 dev only2");
  const tables = readLinkTables(["", one.path, "/proc/999999999/ns/net", "/etc/passwd", two.path]);
  const names = tables.map((table) => table?.links.map(({ name }) => name).filter((name) => name.startsWith("only")));
  t.same(names, [[], ["only1"], undefined, undefined, ["only2"]]);
  t.ok(tables[4]?.addresses.some(({ address }) => address === "10.8.0.1"));
});

t.test("what fails leaves everything as it was", needRoot, async (t) => {
  const space = await openSpace(t);
  space.sh("ip link add br0 type bridge; ip link add br1 type bridge; ip link add v0 mtu 1400 type veth peer name v1");
  const before = stateOf(space);
  // No link has the address of a group: the last of three changes is refused by the kernel.
  const changes = [{ mtuBytes: 1234 }, { alias: "x" }, { mac: "01:00:5e:00:00:01" }] as const;
  await t.rejects(setLink(engine, `${space.pid}`, "v0", changes), { name: "KernelError", message: /v0: / });
  await t.rejects(setLink(engine, `${space.pid}`, "br0", [{ master: "br1" }]), { code: "bridge-in-bridge" });
  t.same(stateOf(space), before);
  space.sh("ip link set v1 name taken");
  await t.rejects(addVeth(engine, { name: "n", peer: "taken" }, { in: `${space.pid}`, peerIn: `${space.pid}` }), {
    code: "interface-exists",
  });
  await t.rejects(moveVeth(engine, { name: "v0", in: `${space.pid}`, to: "999999999" }), { code: "no-such-namespace" });
  await t.rejects(moveVeth(engine, { name: "br0", in: `${space.pid}`, to: "host" }), { code: "no-veth" });
});
