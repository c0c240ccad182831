// Whoever starts a container stands still though it runs already: who sees it run can act on it, and who signals an attached `run` can too.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Test } from "tap";
import { restartOperation } from "../../src/engine/container/begun.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { childrenOf } from "../fixture/children.ts";
import { command, type DataRoot, type Outcome, outcomeOf } from "../fixture/data-root.ts";
import { runBehind } from "../fixture/held-lock.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

/** Microseconds for which strace(1) keeps the main thread in each call that makes a process. */
const stillMicros = 1_500_000;

interface SlowRun {
  /** Of `run` itself. */
  readonly pid: number;
  readonly ended: Promise<Outcome>;
}

/** Resolves when the container has printed something, before `run` goes on. */
async function startSlowly(t: Test, root: DataRoot, name: string, script: string): Promise<SlowRun> {
  const run = [command, "run", "--name", name, "--network", "none", image, "sh", "-c", script];
  const argv = ["-qq", "-o", "/dev/null", "-e", "trace=clone", "-e", "signal=none", "-e", `inject=clone:delay_exit=${stillMicros}`, ...run];
  const tracer: ChildProcessWithoutNullStreams = spawn("strace", argv, { env: root.env(), cwd: "/", stdio: "pipe" });
  t.teardown(() => tracer.kill("SIGKILL"));
  tracer.stdin.end();
  let printed = "";
  tracer.stdout.on("data", (chunk: Buffer) => {
    printed += chunk;
  });
  const ended = outcomeOf(tracer, `run ${name}`, 60_000);
  await Promise.race([waitFor("the container's first output", () => printed !== "", 40_000), ended]);
  const [pid] = childrenOf(tracer.pid ?? 0);
  if (pid === undefined) throw new Error("strace runs nothing");
  return { pid, ended };
}

scenario("a signal to it reaches the container", async (t, root) => {
  const { pid, ended } = await startSlowly(t, root, "told", "trap 'exit 7' TERM; echo ready; while :; do sleep 1000 & wait; done");
  process.kill(pid, "SIGTERM");
  t.match(await ended, { code: 7, stdout: "ready\n" });
  await root.ok(["rm", "told"]);
});

scenario("a command that ends the container, or changes it, waits for it", async (t, root) => {
  for (const words of [
    ["kill"],
    ["stop", "-t", "0"],
    ["rm", "-f"],
    ["pause"],
    ["update", "--pids-limit", "50"],
    ["rename"],
    ["restart", "-t", "0"],
  ]) {
    const [verb = ""] = words;
    const { ended } = await startSlowly(t, root, verb, "echo ready; exec sleep 1000");
    const name = verb === "rename" ? [verb, "renamed"] : [verb];
    t.match(await root.tsns([...words, ...name]), { code: 0, stderr: "" }, verb);
    await root.ok(["rm", "-f", name.at(-1) ?? ""]);
    t.match(await ended, { code: 137, stdout: "ready\n" }, verb);
  }
});

scenario("so it does for a start by the restart policy", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "again", "--network", "none", image, "sleep", "1000"]);
  const removed = await runBehind(root, { owner: id, operation: restartOperation }, ["rm", "-f", "again"]);
  t.match(removed, { code: 0, stdout: "again\n", stderr: "" });
});
