// Feeds: started when something is needed, asked anew when it is asked for otherwise, ended when it is not needed any more.
import t from "tap";
import type { Engine } from "../../../src/engine/engine.ts";
import { type FeedMakers, feedOf, openFeeds } from "../../../tui/feed/feed.ts";

const engine = { root: "/root", warn: () => {} } as unknown as Engine;

function open() {
  const done: string[] = [];
  const makers = new Proxy({} as FeedMakers, {
    get: (_, kind: string) => (_place: unknown, asks: { ids?: readonly string[] }) => {
      done.push(`+${kind} ${asks.ids ?? ""}`);
      return {
        want: (wanted: { ids?: readonly string[] }) => done.push(`${kind} ${wanted.ids ?? ""}`),
        [Symbol.dispose]: () => done.push(`-${kind}`),
      };
    },
  });
  const feeds = openFeeds(engine, makers, { emit() {}, fail() {} });
  return { feeds, take: () => done.splice(0) };
}

t.test("what is needed is fed, and nothing else", async (t) => {
  const { feeds, take } = open();
  feeds.need([{ kind: "containers" }, { kind: "usage", ids: ["a", "b"] }]);
  t.same(take(), ["+containers ", "+usage a,b"]);
  feeds.need([{ kind: "usage", ids: ["a", "b"] }, { kind: "containers" }]);
  t.same(take(), [], "the same once more");
  feeds.need([{ kind: "usage", ids: ["b", "a"] }, { kind: "host" }]);
  t.same(take(), ["-containers", "usage b,a", "+host "]);
  feeds.need([{ kind: "usage", ids: ["b"] }]);
  t.same(take(), ["-host", "usage b"]);
  feeds[Symbol.dispose]();
  t.same(take(), ["-usage"]);
});

t.test("warnings of the engine are told where failures are", async (t) => {
  const failed: unknown[] = [];
  const seen: string[] = [];
  const makers = {
    events: ({ engine: given }: { engine: Engine }) => {
      seen.push(given.root);
      given.warn("it was not started again");
      return { want() {}, [Symbol.dispose]() {} };
    },
  } as unknown as FeedMakers;
  using feeds = openFeeds(engine, makers, { emit() {}, fail: (error) => failed.push(error) });
  feeds.need([{ kind: "events" }]);
  t.match(failed, [{ message: "it was not started again" }]);
  t.same(seen, ["/root"], "all else is the engine's");
});

t.test("a feed of a generator: another question begins it anew, the end ends it", async (t) => {
  const got: string[] = [];
  const asked: (readonly string[])[] = [];
  const told = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const feed = feedOf<"usage">(
    {
      emit(value) {
        got.push([...value.latest.keys()].join());
        told.resolve();
      },
      fail: (error) => told.reject(error),
    },
    async function* generate({ ids }, signal) {
      asked.push(ids);
      signals.push(signal);
      yield { latest: new Map(ids.map((id) => [id, {} as never])), history: () => [], gapMs: 15_000 };
    },
    { ids: ["a"] },
  );
  feed.want({ ids: ["b"] });
  await told.promise.catch(() => {});
  t.same(asked, [["a"], ["b"]]);
  t.same(got, ["b"], "what is not asked for any more is not told");
  t.ok(signals[0]?.aborted, "the first one has ended");
  feed[Symbol.dispose]();
  t.ok(signals[1]?.aborted);
});

t.test("a failure is told, and the feed begins anew after a while", async (t) => {
  const failed: unknown[] = [];
  const again = Promise.withResolvers<void>();
  let count = 0;
  const feed = feedOf<"events">(
    { emit: () => again.resolve(), fail: (error) => failed.push(error) },
    async function* generate() {
      if (count++ === 0) throw new Error("the store is busy");
      yield { events: [] };
    },
    {},
  );
  await again.promise;
  t.match(failed, [{ message: "the store is busy" }]);
  feed[Symbol.dispose]();
});
