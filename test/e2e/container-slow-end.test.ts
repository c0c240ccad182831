// Who looks after a container stands still when it has written down the end, or is to take back the next run: what it does then is over before
// another run begins.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Test } from "tap";
import { containerDirectory } from "../../src/engine/container/directory.ts";
import { sendSignal } from "../../src/kernel/proc/signal.ts";
import { readProcessFile, readProcessStat } from "../../src/kernel/proc/stat.ts";
import { readExitFile, readMonitorFile, readRestartingFile } from "../../src/kernel/sandbox/state.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { childrenOf } from "../fixture/children.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

/** Microseconds for which strace(1) keeps the monitor before each name that it takes away. */
const stillMicros = 1_500_000;

/** `ended`: what strace says, to the end of the process. */
async function slowDown(t: Test, pid: number): Promise<{ readonly ended: Promise<string> }> {
  const argv = ["-e", "trace=unlinkat", "-e", `inject=unlinkat:delay_enter=${stillMicros}`, "-p", `${pid}`];
  const tracer = spawn("strace", argv, { stdio: ["ignore", "ignore", "pipe"] });
  t.teardown(() => tracer.kill("SIGKILL"));
  let said = "";
  tracer.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  const ended = new Promise<string>((done) => tracer.once("close", () => done(said)));
  await waitFor("strace", () => said.includes("attached"));
  return { ended };
}

scenario("a start waits until the run before has taken its socket away", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "again", "--network", "none", image, "sleep", "1000"]);
  const { path, attachSocket } = containerDirectory(root.path, id);
  const { monitorPid = 0, initPid = 0 } = readMonitorFile(path) ?? {};
  const { ended } = await slowDown(t, monitorPid);
  process.kill(initPid, "SIGKILL");
  await waitFor("the end to be written", () => readExitFile(path) !== undefined);
  await root.ok(["start", "again"]);
  await ended;
  t.ok(existsSync(attachSocket));
  const waits = root.tsns(["wait", "again"]);
  await root.ok(["exec", "again", "true"]);
  await root.ok(["kill", "again"]);
  t.match(await waits, { code: 0, stdout: "137\n" });
});

/** A monitor that stands still (SIGSTOP) before the time of the next run has come. */
async function stopWaiting(path: string): Promise<number> {
  return waitFor("a monitor that waits", async () => {
    const { monitorPid = 0 } = readMonitorFile(path) ?? {};
    if (!readRestartingFile(path) || monitorPid === 0) return undefined;
    sendSignal(monitorPid, "SIGSTOP");
    await waitFor("it to stand still, or to be gone", () => /[TZ]/.test(readProcessStat(monitorPid)?.state ?? "Z"));
    if (readRestartingFile(path) && readMonitorFile(path)?.monitorPid === monitorPid && childrenOf(monitorPid).length === 0)
      return monitorPid;
    sendSignal(monitorPid, "SIGCONT");
    return undefined;
  });
}

scenario("a stop waits until the next run has been taken back", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "over", "--network", "none", "--restart", "always", image, "false"]);
  const { path } = containerDirectory(root.path, id);
  const monitorPid = await stopWaiting(path);
  const { ended } = await slowDown(t, monitorPid);
  const stops = root.tsns(["stop", "over"]);
  const isTold = () => /^ShdPnd:.*[4-7c-f][0-9a-f]{3}$/m.test(readProcessFile(monitorPid, "status") ?? "");
  await waitFor("SIGTERM to be sent", isTold);
  process.kill(monitorPid, "SIGCONT");
  t.match(await stops, { code: 0, stdout: "over\n", stderr: "" });
  t.match(await ended, /unlinkat\(\d+, "restarting", 0\) += 0 /, "by the monitor itself");
});
