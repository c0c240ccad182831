// Networks and their counters as they are told while they change, in a network namespace of its own.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import t from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { watchBridge } from "../../src/engine/live/bridge.ts";
import { askExposure } from "../../src/engine/live/exposure.ts";
import { watchTraffic } from "../../src/engine/live/link-rate.ts";
import type { LiveNetworks } from "../../src/engine/live/network.ts";
import { watchNetworks } from "../../src/engine/live/network-watch.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { importBusybox } from "../fixture/import-busybox.ts";
import { needRoot } from "../fixture/root.ts";

const ip = (...words: string[]) => t.equal(spawnSync("ip", words).status, 0, words.join(" "));

/** The first value in which something is so. */
async function until<T>(values: AsyncIterator<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const { value, done } = await values.next();
    if (done) throw new Error("it ended before it was so");
    if (isSo(value)) return value;
  }
}

const named = ({ networks }: LiveNetworks, name: string) => networks.find((network) => network.name === name);

t.test("networks, containers, bridges of others, by announcements alone", { ...needRoot, buffered: true }, async (t) => {
  const root = makeRoot(t);
  await importBusybox(root);
  const engine = openEngine(root.path);
  t.teardown(() => engine[Symbol.dispose]());
  const end = new AbortController();
  t.teardown(() => end.abort());
  const networks = watchNetworks(engine, end.signal);
  const first = await until(networks, () => true);
  t.match(
    first.networks.map(({ name, traits }) => [name, ...traits]),
    [["bridge", "not made yet"], ["host"], ["none"]],
  );
  const subnet = `10.${100 + (process.pid % 100)}.7.0/24`;
  await root.ok(["network", "create", "--subnet", subnet, "front"]);
  const front = named(await until(networks, (value) => named(value, "front")?.isUp === true), "front");
  t.match(front, { driver: "bridge", subnets: [subnet], engine: "tsns", present: true, internal: false, members: [] });

  await root.ok(["run", "-d", "--name", "web", "--network", "front", "-p", "127.0.0.1:8080:80", "busybox", "sleep", "1000"]);
  const busy = named(await until(networks, (value) => named(value, "front")?.members.length === 1), "front");
  t.match(busy?.members, [
    { name: "web", link: "eth0", ports: ["127.0.0.1:8080 → 80/tcp"], mac: /^[0-9a-f:]{17}$/, addresses: [/\.7\.2$/] },
  ]);

  ip("link", "add", "name", "docker0", "type", "bridge");
  ip("addr", "add", "172.17.0.1/16", "dev", "docker0");
  const docker = (value: LiveNetworks) => value.networks.find(({ link }) => link === "docker0");
  const others = await until(networks, (value) => (docker(value)?.gateways.length ?? 0) > 0);
  t.match(docker(others), { engine: "docker", id: "", gateways: ["172.17.0.1/16"], members: [] });
  t.match(
    others.map.networks.map(({ link }) => link),
    [busy?.link, "docker0"],
  );

  const signal = AbortSignal.any([end.signal]);
  // The kernel finds out a moment after the start that frames pass.
  const bridge = await until(watchBridge(engine, busy?.link ?? "", signal), (value) => value?.ports[0]?.link.port?.state !== "disabled");
  t.match(bridge, { link: { name: busy?.link }, ports: [{ link: { name: busy?.members[0]?.hostLink, port: { state: "forwarding" } } }] });
  t.same((await watchBridge(engine, "nobr0", signal).next()).value, undefined);

  const published = (await askExposure(engine, [subnet], signal)).filter(({ port }) => port === 8080);
  t.match(published, [{ address: "127.0.0.1", to: /\.7\.2:80$/, owner: /web/ }]);
  t.same(published[0]?.cells.map(({ side }) => side).sort(), [subnet, "host", "internet", "lan"].sort());

  await root.ok(["rm", "-f", "web"]);
  await until(networks, (value) => named(value, "front")?.members.length === 0);
  const last = networks.next();
  end.abort();
  t.ok((await last).done);
});

t.test("counters: rates after two looks, nothing while nothing passes", { ...needRoot, buffered: true }, async (t) => {
  ip("link", "add", "name", "left7", "type", "veth", "peer", "name", "right7");
  const end = new AbortController();
  t.teardown(() => end.abort());
  const traffic = watchTraffic(new Set(["left7", "nobody0"]), 20, end.signal);
  const first = (await traffic.next()).value;
  t.same([...(first?.keys() ?? [])], ["left7"]);
  t.match(first?.get("left7"), { rate: undefined, dropped: 0, errors: 0 });
  t.match((await traffic.next()).value?.get("left7"), { rate: { receivedBytes: 0, sentBytes: 0 } });
  const next = traffic.next();
  ip("link", "set", "left7", "up");
  ip("link", "set", "right7", "up");
  // Both ends greet their neighbours.
  t.match((await next).value?.get("left7")?.dropped, Number);
  end.abort();
  await traffic.return(undefined);
});
