// Where a container's traffic is counted.
import t from "tap";
import type { ContainerState } from "../../../src/container/record.ts";
import { trafficSourceOf } from "../../../src/engine/live/traffic.ts";
import { liveContainer } from "./container-fixture.ts";

const find = (all: readonly ContainerState[]) => (reference: string) =>
  all.find(({ record }) => record.name === reference || record.id.startsWith(reference));

t.test("links of its networks, as seen from the host", async (t) => {
  const web = liveContainer("web", { hostLinks: ["v1", "v2"] });
  t.same(trafficSourceOf(web, find([])), { kind: "links", names: ["v1", "v2"] });
  const wide = liveContainer("wide", { hostLinks: ["v1", ""] });
  t.same(trafficSourceOf(wide, find([])), { kind: "process", pid: wide.pid }, "macvlan has no end on the host");
});

t.test("none and host have none of their own", async (t) => {
  for (const mode of ["none", "host"] as const)
    t.same(trafficSourceOf(liveContainer("c", { network: { mode } }), find([])), { kind: "none" });
});

t.test("a container in another's network has that one's", async (t) => {
  const web = liveContainer("web", { hostLinks: ["v1"] });
  const inWeb = liveContainer("in-web", { network: { mode: "container", container: "web" } });
  const inIn = liveContainer("in-in", { network: { mode: "container", container: "in-web" } });
  const all = find([web, inWeb, inIn]);
  t.same(trafficSourceOf(inWeb, all), { kind: "links", names: ["v1"] });
  t.same(trafficSourceOf(inIn, all), { kind: "links", names: ["v1"] });
  t.same(trafficSourceOf(inWeb, find([])), { kind: "process", pid: inWeb.pid }, "who made the network is gone");
  t.same(trafficSourceOf(inWeb, find([{ ...web, status: "exited", pid: 0 }])), { kind: "process", pid: inWeb.pid });
  const first = liveContainer("first", { network: { mode: "container", container: "second" } });
  const second = liveContainer("second", { network: { mode: "container", container: "first" } });
  t.same(trafficSourceOf(first, find([first, second])), { kind: "process", pid: second.pid }, "a later one has the name of who made it");
  const host = liveContainer("host", { network: { mode: "host" } });
  t.same(trafficSourceOf(liveContainer("x", { network: { mode: "container", container: "host" } }), find([host])), { kind: "none" });
});
