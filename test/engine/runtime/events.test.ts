// Whom `events` tells of ends for want of memory: from its first figures on, and of one that the container ends with.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { followRuntime } from "../../../src/engine/runtime/events.ts";
import { openRuntime } from "../../../src/engine/runtime/runtime.ts";
import { ownIdentity, type ProcessIdentity, readStartTime } from "../../../src/kernel/proc/identity.ts";
import { claimRuntime, recordRuntimeProcess } from "../../../src/store/runtime-record.ts";
import { configOf } from "../../fixture/oci-config.ts";
import { waitFor } from "../../fixture/wait.ts";

/** A directory in place of the container's group, where nothing has ended. */
function makeGroup(t: Test): string {
  const group = mkdtempSync(join(tmpdir(), "tsns-events-"));
  t.teardown(() => rmSync(group, { recursive: true, force: true }));
  writeFileSync(`${group}/memory.oom_control`, "oom_kill 0\n");
  return group;
}

/** Follows a container with this process; `figures` is done while its figures are told for the first, second ... time. */
function follow(t: Test, group: string, process: ProcessIdentity, figures: readonly (() => void)[]) {
  const root = `${group}/state`;
  const { hooks } = configOf();
  const made = { bundle: "/", rootfs: "/", createdMs: 1, owner: "root" };
  const record = { id: "box", ...made, groups: { memory: group }, annotations: {}, hooks };
  claimRuntime(root, { record, configText: "{}", view: "", undo: "", isElaborate: false }, ownIdentity());
  recordRuntimeProcess(root, "box", process);
  const runtime = openRuntime({ root, env: {}, systemdCgroup: false, rootless: "auto", warn: () => {} });
  const end = new AbortController();
  t.teardown(() => end.abort());
  const told: string[] = [];
  const ended = followRuntime(runtime, "box", 10, end.signal, ({ type }) => {
    if (type === "stats") figures[told.length]?.();
    told.push(type);
  });
  return { told, ended };
}

t.test("one as soon as the first figures are told", async (t) => {
  const group = makeGroup(t);
  const { told, ended } = follow(t, group, ownIdentity(), [() => writeFileSync(`${group}/memory.oom_control`, "oom_kill 1\n")]);
  ended.catch(() => {});
  t.ok(await waitFor("it to be told", () => told.includes("oom")));
});

t.test("one between two looks that the container ends with", async (t) => {
  const group = makeGroup(t);
  // A pipe in place of the count: while it is read as it was, the process ends, and the next to look finds another one.
  spawnSync("mkfifo", [`${group}/pipe`]);
  writeFileSync(`${group}/next`, "oom_kill 1\n");
  const script = `sleep 1000 & echo $!; exec 3>"$0/pipe"; mv "$0/next" "$0/memory.oom_control"; kill -9 $!; wait $!; echo oom_kill 0 >&3`;
  const owner = spawn("sh", ["-c", script, group], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(owner.stdout, "data");
  const pid = Number(line);
  const { told, ended } = follow(t, group, { pid, startTime: readStartTime(pid) ?? 0 }, [
    () => {},
    () => {
      linkSync(`${group}/pipe`, `${group}/count`);
      renameSync(`${group}/count`, `${group}/memory.oom_control`);
    },
  ]);
  await ended;
  t.equal(told.at(-1), "oom");
});
