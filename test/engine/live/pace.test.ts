// When something is looked at: bursts are taken together, who asks for the same period acts together, a bell is not missed.
import t from "tap";
import { createBell } from "../../../src/engine/bell.ts";
import { createPace, everyPeriod } from "../../../src/engine/live/pace.ts";
import { inSlices } from "../../../src/engine/live/slice.ts";

t.test("at once where it was quiet, then not before its time", async (t) => {
  let nowMs = 0;
  const pace = createPace(50, () => nowMs);
  await pace();
  nowMs = 100;
  await pace();
  const startMs = performance.now();
  await pace();
  t.ok(performance.now() - startMs >= 45, "a moment ago");
  await pace(AbortSignal.abort());
});

t.test("those that ask for the same period act in the same turn, until they ask no more", async (t) => {
  const acts: string[] = [];
  let turn = 0;
  const done = Promise.withResolvers<void>();
  const act = (name: string) => () => {
    acts.push(`${name}${turn}`);
    setImmediate(() => turn++);
    if (acts.length >= 4) done.resolve();
  };
  const one = everyPeriod(40, act("a"));
  await new Promise((resolve) => setTimeout(resolve, 13));
  const other = everyPeriod(40, act("b"));
  await done.promise;
  const [first, second, third, fourth] = acts;
  t.same([first?.slice(1), third?.slice(1)], [second?.slice(1), fourth?.slice(1)], acts.join(" "));
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  const again = Promise.withResolvers<void>();
  using _more = everyPeriod(40, () => again.resolve());
  acts.length = 0;
  await again.promise;
  t.same(
    acts.map(([name]) => name),
    ["b"],
  );
  other[Symbol.dispose]();
});

t.test("a bell that has rung before anybody waits", async (t) => {
  const bell = createBell();
  bell.ring();
  await bell.rung();
  const waiting = bell.rung();
  bell.ring();
  await waiting;
  await bell.rung(AbortSignal.abort());
  const end = new AbortController();
  const last = bell.rung(end.signal);
  end.abort();
  await last;
  t.pass("nobody waits for ever");
});

t.test("a long computation in slices has its result, or none when it is given up", async (t) => {
  function* count(to: number): Generator<void, number> {
    for (let at = 0; at < to; at++) yield;
    return to;
  }
  t.equal(await inSlices(count(10), new AbortController().signal), 10);
  const end = new AbortController();
  const endless = inSlices(count(Number.POSITIVE_INFINITY), end.signal);
  setTimeout(() => end.abort(), 10);
  t.equal(await endless, undefined);
});
