import t from "tap";
import type { Engine } from "../../../src/engine/engine.ts";
import { openRepairs } from "../../../src/engine/live/repair.ts";

function open() {
  const warned: string[] = [];
  const repaired: string[] = [];
  const runs: PromiseWithResolvers<void>[] = [];
  const end = new AbortController();
  const engine = { root: "/root", warn: (text: string) => warned.push(text) } as unknown as Engine;
  const clean = () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  };
  const { ask } = openRepairs(engine, (id) => repaired.push(id), end.signal, clean);
  return { ask, runs, repaired, warned, end };
}

const turn = () => new Promise(setImmediate);

t.test("one after the other, and once more for those that ended meanwhile", async (t) => {
  const { ask, runs, repaired } = open();
  ask("a");
  ask("b");
  ask("c");
  t.equal(runs.length, 1);
  runs[0]?.resolve();
  await turn();
  t.same([runs.length, repaired], [2, ["a"]]);
  runs[1]?.resolve();
  await turn();
  t.same([runs.length, repaired], [2, ["a", "b", "c"]]);
  ask("a");
  t.equal(runs.length, 3);
});

t.test("what fails is told, what has ended tells nothing", async (t) => {
  const { ask, runs, repaired, warned, end } = open();
  ask("a");
  runs[0]?.reject(new Error("the store is held"));
  await turn();
  t.same([repaired, warned], [["a"], ["the store is held"]]);
  ask("b");
  end.abort();
  runs[1]?.reject(new Error("aborted"));
  await turn();
  t.same([repaired, warned], [["a"], ["the store is held"]]);
});
