// Restart policies: their words, their waits, when they hold.
import t from "tap";
import type { ContainerRecord, ExitRecord } from "../../src/container/record.ts";
import {
  isRestartDue,
  isRestored,
  nextRestart,
  noRestarts,
  parseRestartPolicy,
  type RestartPolicy,
  restartWhen,
  restartWords,
} from "../../src/container/restart.ts";
import { makeState } from "../fixture/request.ts";

const exitOf = (exitCode: number, more: Partial<ExitRecord> = {}): ExitRecord => ({
  exitCode,
  signal: 0,
  finishedMs: 1,
  oomKilled: false,
  error: "",
  ...more,
});

function recordOf(restart: RestartPolicy | undefined, more: Partial<ContainerRecord> = {}): ContainerRecord {
  const { record } = makeState();
  return {
    ...record,
    spec: { ...record.spec, ...(restart ? { restart } : {}) },
    run: { startedMs: 0, cgroups: {}, endpoints: [] },
    ...more,
  };
}

t.test("words", async (t) => {
  t.same(parseRestartPolicy(""), { policy: "no", max: 0 });
  t.same(parseRestartPolicy("on-failure"), { policy: "on-failure", max: 0 });
  t.same(parseRestartPolicy("on-failure:5"), { policy: "on-failure", max: 5 });
  t.same(parseRestartPolicy("always:0"), { policy: "always", max: 0 }, "as docker takes it");
  for (const [text, message] of [
    ["sometimes", /invalid restart policy 'sometimes'/],
    ["Always", /invalid restart policy 'Always'/],
    ["always:1", /maximum retry count cannot be used with restart policy 'always'/],
    ["on-failure:1:2", /invalid restart policy format/],
    ["on-failure:", /must be an integer/],
    ["on-failure:1.5", /must be an integer/],
    ["on-failure:-2", /cannot be negative/],
    [":", /no policy provided before colon/],
  ] as const)
    t.throws(() => parseRestartPolicy(text), { code: "bad-restart", message }, text);
});

t.test("the wait doubles from 100 ms up to a minute, and is the first one again after ten seconds of life", async (t) => {
  const waits: number[] = [];
  let restarts = noRestarts;
  for (let run = 0; run < 12; run++) {
    waits.push(restarts.delayMs);
    restarts = nextRestart({ startedMs: 0, cgroups: {}, endpoints: [], restarts }, 9_999);
  }
  t.same(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  t.equal(restarts.count, 12);
  t.same(
    nextRestart({ startedMs: 0, cgroups: {}, endpoints: [], restarts }, 10_000),
    { count: 13, delayMs: 200 },
    "the monitor waited 100 ms",
  );
  t.same(restartWords({ policy: "always", max: 0 }, { count: 3, delayMs: 800 }), ["always", "3", "800", "10000", "100"]);
});

t.test("after which ends", async (t) => {
  t.equal(restartWhen(undefined, noRestarts), "no");
  t.equal(restartWhen({ policy: "no", max: 0 }, noRestarts), "no");
  t.equal(restartWhen({ policy: "unless-stopped", max: 0 }, { count: 1000 }), "always");
  t.equal(restartWhen({ policy: "on-failure", max: 0 }, { count: 1000 }), "failure");
  t.equal(restartWhen({ policy: "on-failure", max: 2 }, { count: 1 }), "failure");
  t.equal(restartWhen({ policy: "on-failure", max: 2 }, { count: 2 }), "no");
  t.notOk(isRestartDue(recordOf({ policy: "on-failure", max: 0 }), exitOf(0)));
  t.ok(isRestartDue(recordOf({ policy: "on-failure", max: 0 }), exitOf(137)));
  t.ok(isRestartDue(recordOf({ policy: "always", max: 0 }), exitOf(0)));
});

t.test("what system restore starts", async (t) => {
  const always: RestartPolicy = { policy: "always", max: 0 };
  const unless: RestartPolicy = { policy: "unless-stopped", max: 0 };
  const stopped = exitOf(137, { stoppedByUser: true });
  t.ok(isRestored(recordOf(always, { exit: stopped })));
  t.ok(isRestored(recordOf(unless, { exit: exitOf(143) })), "the machine went down");
  t.notOk(isRestored(recordOf(unless, { exit: stopped })));
  t.notOk(isRestored(recordOf({ policy: "on-failure", max: 0 }, { exit: exitOf(1) })));
  t.notOk(isRestored(recordOf(undefined, { exit: exitOf(1) })));
  const { run, ...never } = recordOf(always);
  t.ok(run);
  t.notOk(isRestored(never), "nobody ever started it");
});
