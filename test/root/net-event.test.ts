// Announcements of the kernel through the netlink package, in a network namespace of its own.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import t from "tap";
import { nftablesSource, watchEvents } from "../../src/kernel/netlink/event.ts";
import { routeGroup } from "../../src/kernel/netlink/watch.ts";
import { needRoot } from "../fixture/root.ts";

const ip = (...words: string[]) => t.equal(spawnSync("ip", words).status, 0, words.join(" "));

t.test("a new link is told, an abort ends it", needRoot, async (t) => {
  const stop = new AbortController();
  const events = watchEvents([{ family: 0, groups: [routeGroup.link] }, nftablesSource], { signal: stop.signal });
  t.equal((await events.next()).done, false, "listening has begun");
  ip("link", "add", "name", "br7", "type", "bridge");
  t.equal((await events.next()).done, false, "the link");
  const last = events.next();
  stop.abort();
  t.equal((await last).done, true, "ended");
});

t.test("without a change it yields at the interval", needRoot, async (t) => {
  const stop = new AbortController();
  const events = watchEvents([{ family: 0, groups: [routeGroup.link] }], { signal: stop.signal, tickMs: 30 });
  await events.next();
  t.equal((await events.next()).done, false);
  stop.abort();
  await events.next();
});
