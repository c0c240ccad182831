import t from "tap";
import { changesOf } from "../../../src/engine/live/log-change.ts";
import { makeRecord, makeState } from "../../fixture/request.ts";

const run = (startedMs: number) => ({ startedMs, endpoints: [], cgroups: {} });
const exit = { exitCode: 137, signal: 9, finishedMs: 50, oomKilled: false, error: "" };
const running = makeState({ status: "running", pid: 7, record: makeRecord({ name: "web", run: run(10) }) });

t.test("what becomes of a container", async (t) => {
  const ended = makeState({ status: "exited", record: makeRecord({ name: "web", run: run(10), exit }) });
  t.same(changesOf(running, ended), [{ text: "ended with 137, signal 9", ms: 50 }]);
  t.same(
    changesOf(running, { ...ended, record: { ...ended.record, exit: { ...exit, oomKilled: true } } })[0]?.text,
    "ended with 137, out of memory",
  );
  t.match(changesOf(running, { ...ended, status: "restarting" })[0]?.text, /about to start again$/);
  const again = makeState({ status: "running", pid: 8, record: makeRecord({ name: "web", run: run(60), exit }) });
  t.same(changesOf(ended, again), [{ text: "started again", ms: 60 }]);
  t.same(
    changesOf(running, again).map(({ text }) => text),
    ["ended", "started again"],
    "both between two looks",
  );
  t.same(changesOf(running, { ...running, paused: true }), [{ text: "was paused" }]);
  t.same(changesOf({ ...running, paused: true }, running), [{ text: "goes on" }]);
  t.same(changesOf(running, undefined), [{ text: "ended and was removed" }]);
  t.same(changesOf(ended, undefined), [{ text: "was removed" }]);
  t.same(changesOf(undefined, running), []);
  t.same(changesOf(running, running), []);
  t.same(changesOf(running, { ...running, record: { ...running.record, name: "www" } }), [{ text: "is called www now" }]);
});
