// The real dashboard on a real terminal over the made world: `node main.ts COUNT [WORD]`. Commands are given to `echo` instead of tsns; with
// GATE in the environment to something that runs for as long as this file is there.
import { openEngine } from "../../../src/engine/engine.ts";
import type { Feed, FeedMakers } from "../../../tui/feed/feed.ts";
import type { FeedKind, Need } from "../../../tui/model/need.ts";
import { runDashboard } from "../../../tui/run.ts";
import { answerOf } from "./stage.ts";
import { makeWorld } from "./world.ts";

const [count = "0", word = ""] = process.argv.slice(2);
const world = makeWorld(Number(count));

/** Whatever is needed is told at once, and once. */
const makers = new Proxy({} as FeedMakers, {
  get: (_, kind: FeedKind) => (place: { emit: (value: unknown) => void }, asks: Need) => {
    const tell = (need: Need) => {
      const answer = answerOf(world, { ...need, kind } as Need);
      if (answer) setImmediate(() => place.emit(answer.value));
    };
    tell(asks);
    return { want: tell as Feed<FeedKind>["want"], [Symbol.dispose]() {} };
  },
});

const gated = ["/bin/sh", "-c", 'while [ -e "$GATE" ]; do sleep 0.1; done'];

await runDashboard({
  engine: openEngine("/nowhere"),
  program: process.env.GATE === undefined ? ["/bin/echo", "tsns"] : gated,
  env: process.env,
  intervalMs: 1000,
  hasMouse: true,
  isAscii: word === "ascii",
  world: { makers, now: () => world.nowMs, hostname: world.hostname },
});
