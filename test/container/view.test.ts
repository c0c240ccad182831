// Words of `docker ps`.
import t from "tap";
import { commandText, statusText } from "../../src/container/view.ts";
import { makeRecord, makeSpec, makeState } from "../fixture/request.ts";

const now = Date.UTC(2026, 5, 1);
const exit = { exitCode: 3, signal: 0, finishedMs: now - 2 * 3_600_000, oomKilled: false, error: "" };
const run = { startedMs: now - 180_000, cgroups: {}, endpoints: [] };

t.test("status", async (t) => {
  t.equal(statusText(makeState(), now), "Created");
  t.equal(statusText(makeState({ status: "running", record: makeRecord({ run, exit }) }), now), "Up 3 minutes");
  t.equal(statusText(makeState({ status: "running", paused: true, record: makeRecord({ run }) }), now), "Up 3 minutes (Paused)");
  t.equal(statusText(makeState({ status: "exited", record: makeRecord({ run, exit }) }), now), "Exited (3) 2 hours ago");
  t.equal(statusText(makeState({ status: "dead" }), now), "Dead");
});

t.test("command", async (t) => {
  const record = makeRecord({ spec: makeSpec({ entrypoint: ["/e"], cmd: ["a b", "c"] }) });
  t.equal(commandText(makeState({ record })), `"/e 'a b' c"`);
});
