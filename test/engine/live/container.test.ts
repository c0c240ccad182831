// What an event names, and the slow round through all containers.
import t from "tap";
import { containersOf, createRounds } from "../../../src/engine/live/container.ts";

const event = (type: string, action: string, attributes: Record<string, string> = {}) => ({
  type,
  action,
  id: "id",
  attributes,
  scope: "local",
  timeNano: 0n,
});

t.test("containers that an event names", async (t) => {
  t.same(containersOf(event("container", "die")), ["id"]);
  t.same(containersOf(event("container", "health_status: healthy")), ["id"]);
  t.same(containersOf(event("container", "exec_start: sh")), [], "nothing of the container is another");
  t.same(containersOf(event("network", "connect", { container: "c" })), ["c"]);
  t.same(containersOf(event("network", "create")), []);
  t.same(containersOf(event("volume", "mount", { container: "c" })), []);
});

t.test("all have their turn, a few at a time", async (t) => {
  const next = createRounds();
  const all = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);
  t.same(next([]), []);
  t.same(next(["a"]), ["a"]);
  const round = createRounds();
  const met = new Set(Array.from({ length: 60 }, () => round(all(120))).flat());
  t.equal(met.size, 120, "in sixty ticks");
  t.equal(round(all(5000)).length, 5, "of very many a few");
  t.ok(
    round(all(3)).every((id) => Number(id) < 3),
    "most have gone meanwhile",
  );
});
