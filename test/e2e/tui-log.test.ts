// What the dashboard's logs are fed with, from real containers: followed across rotations, restarts, ends, removal; several merged; logs that are kept
// nowhere.
import type { Test } from "tap";
import { listContainers } from "../../src/engine/container/list.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { followContainers, openContainerWatch } from "../../src/engine/live/container.ts";
import { openLogView } from "../../src/engine/live/log.ts";
import type { LogAsks, LogBoard } from "../../src/engine/live/log-asks.ts";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";

const scenario = sharingRoot();

/** The logs of these containers as the dashboard has them. */
async function follow(t: Test, root: DataRoot, names: readonly string[], given: Partial<LogAsks> = {}) {
  const engine = openEngine(root.path);
  const all = await listContainers(engine);
  const ids = names.map((name) => all.find(({ record }) => record.name === name)?.record.id ?? "none");
  let board: LogBoard | undefined;
  let look = () => {};
  const view = openLogView(
    engine,
    { of: "test", ids, from: "end", ...given },
    {
      told(told) {
        board = told;
        look();
      },
      failed: (error) => t.error(error),
    },
  );
  const end = new AbortController();
  const telling = (async () => {
    using watch = openContainerWatch(engine);
    for await (const containers of followContainers(watch, end.signal)) view.tell(containers);
  })();
  t.teardown(async () => {
    end.abort();
    view[Symbol.dispose]();
    await telling;
    engine[Symbol.dispose]();
  });
  return {
    /** Waits for a board that is as wanted; the test's time limit ends it otherwise. */
    until: (wanted: (board: LogBoard) => boolean) =>
      new Promise<LogBoard>((done) => {
        look = () => {
          if (board && wanted(board)) done(board);
        };
        look();
      }),
  };
}

const textsOf = ({ lines }: LogBoard): readonly string[] => lines.map(({ text }) => text);
const has =
  (text: string) =>
  (board: LogBoard): boolean =>
    textsOf(board).includes(text);

for (const driver of ["json-file", "local"])
  scenario(`${driver}: followed across rotations, with a line for what becomes of it`, async (t, root) => {
    const name = `rotating-${driver}`;
    const options = ["--log-driver", driver, "--log-opt", "max-size=20k", "--log-opt", "max-file=20"];
    const script = "mkfifo /go; read x </go; seq 1 2000; echo over; exec sleep 1000";
    await root.ok(["run", "-d", "--name", name, "--network", "none", ...options, image, "sh", "-c", script]);
    const { until } = await follow(t, root, [name]);
    await until(({ isEnd }) => isEnd);
    await root.ok(["exec", name, "sh", "-c", "echo >/go"]);
    const after = await until(has("over"));
    const numbers = textsOf(after)
      .filter((text) => /^\d+$/.test(text))
      .map(Number);
    t.equal(numbers.at(-1), 2000);
    t.ok(
      numbers.every((number, at) => at === 0 || number === (numbers[at - 1] ?? 0) + 1),
      "none is lost in between",
    );
    await root.ok(["restart", "-t", "0", name]);
    await until(has("started again"));
    await root.ok(["kill", name]);
    const last = "ended with 137, signal 9";
    // The restart may have told of such an end, too.
    const ended = await until((board) => textsOf(board).lastIndexOf(last) > textsOf(board).lastIndexOf("started again"));
    t.equal(textsOf(ended).at(-1), last, "behind all that was written");
    await root.ok(["rm", name]);
    const removed = await until(has("was removed"));
    t.ok(has("over")(removed), "what it wrote is still there to be read");
  });

scenario("several in order of time; one that keeps no log; a filter and a search", async (t, root) => {
  const speak = (text: string) => ["sh", "-c", `mkfifo /go; echo "${text} 1"; read x </go; echo "${text} 2"; exec sleep 1000`];
  for (const name of ["one", "two"]) {
    await root.ok(["run", "-d", "--name", name, "--network", "none", image, ...speak(name)]);
    await untilLogged(root, name, new RegExp(`${name} 1`));
  }
  await root.ok(["run", "-d", "--name", "mute", "--network", "none", "--log-driver", "none", image, ...speak("mute")]);
  const both = await follow(t, root, ["one", "two", "mute"]);
  const board = await both.until(({ lines, isStart }) => isStart && lines.length >= 2);
  t.same(board.names, ["one", "two", "mute"]);
  t.match(board.problems, [/^mute: .*does not support reading/]);
  await root.ok(["exec", "two", "sh", "-c", "echo >/go"]);
  await both.until(has("two 2"));
  await root.ok(["exec", "one", "sh", "-c", "echo >/go"]);
  const after = await both.until(has("one 2"));
  t.same(textsOf(after), ["one 1", "two 1", "two 2", "one 2"]);
  t.same(
    after.lines.map(({ source }) => source),
    [0, 1, 1, 0],
  );
  const filtered = await follow(t, root, ["one", "two"], { filter: { text: "^ONE|one", isInverse: true } });
  t.same(textsOf(await filtered.until(({ lines, isStart }) => isStart && lines.length >= 2)), ["two 1", "two 2"]);
  const found = await follow(t, root, ["one"], { from: "start", seen: 0, find: { epoch: 1, text: "2$", isOlder: false, beyond: -1 } });
  t.same((await found.until((told) => told.found !== undefined)).found, { epoch: 1, number: 1 });
  await root.ok(["rm", "-f", "one", "two", "mute"]);
});
