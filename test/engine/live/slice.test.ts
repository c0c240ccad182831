// Long work in pieces: what comes between them, what they end with.
import t from "tap";
import { atOnce, inTurns } from "../../../src/engine/live/slice.ts";

function* threeSteps(done: string[]): Generator<void, string> {
  done.push("one");
  yield;
  done.push("two");
  yield;
  done.push("three");
  return "end";
}

const fail = (error: unknown) => {
  throw error;
};

t.test("in turns: the first step at once, and others have their turn between two", async (t) => {
  const done: string[] = [];
  const told = new Promise<string>((resolve) => inTurns(threeSteps(done), resolve, fail));
  t.same(done, ["one"]);
  setImmediate(() => done.push("other"));
  t.equal(await told, "end");
  t.same(done, ["one", "two", "other", "three"]);
});

t.test("one step is over at once", async (t) => {
  const told: string[] = [];
  inTurns(
    // biome-ignore lint/correctness/useYield: it has nothing to wait for
    (function* () {
      return "end";
    })(),
    (value) => told.push(value),
    fail,
  );
  t.same(told, ["end"]);
});

t.test("a failure in a later step is told", async (t) => {
  const failed = new Promise<unknown>((resolve) =>
    inTurns(
      (function* () {
        yield;
        throw new Error("gone");
      })(),
      () => t.fail("nothing is there to be told"),
      resolve,
    ),
  );
  t.match(await failed, { message: "gone" });
});

t.test("at once", async (t) => {
  const done: string[] = [];
  t.equal(atOnce(threeSteps(done)), "end");
  t.same(done, ["one", "two", "three"]);
});
