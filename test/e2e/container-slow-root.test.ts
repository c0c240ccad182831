// A container is seen to run before its process 1 has left the host's root: who enters it, or looks into it, waits, and meets nothing of the host.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { childrenOf } from "../fixture/children.ts";
import { command, type DataRoot, outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

/** Microseconds for which strace(1) keeps process 1 before it changes its root. */
const stillMicros = 3_000_000;

/** A container `slow` whose process 1 is not in its own root yet though it is seen to run. */
async function startSlowly(t: Test, root: DataRoot, ...options: readonly string[]) {
  const run = [command, "run", "-d", "--name", "slow", "--network", "none", ...options, image, "sleep", "1000"];
  const traced = ["-e", "trace=pivot_root", "-e", "signal=none", "-e", `inject=pivot_root:delay_enter=${stillMicros}`];
  const tracer = spawn("strace", ["-f", "-qq", "-o", "/dev/null", ...traced, ...run], { env: root.env(), cwd: "/", stdio: "pipe" });
  t.teardown(() => tracer.kill("SIGKILL"));
  tracer.stdin.end();
  const ended = outcomeOf(tracer, "run", 60_000);
  await waitFor("it to run", async () => (await root.ok(["ps", "-q"])) !== "");
  const [pid = 0] = childrenOf(tracer.pid ?? 0);
  return { pid, ended };
}

scenario("exec, cp, ns enter and a joined ipc namespace", async (t, root) => {
  const host = mkdtempSync(join(tmpdir(), "tsns-host-root-"));
  const memory = mkdtempSync("/dev/shm/tsns-host-root-");
  t.teardown(() => {
    for (const path of [host, memory]) rmSync(path, { recursive: true });
  });
  writeFileSync(`${host}/secret`, "of the host\n");
  const { ended } = await startSlowly(t, root, "--ipc", "shareable");
  const commands: readonly (readonly string[])[] = [
    ["exec", "slow", "/bin/touch", `${host}/exec`],
    ["cp", `slow:${host}/secret`, "-"],
    ["cp", "/etc/hostname", `slow:${host}/cp`],
    ["ns", "enter", "--mnt", "slow", "/bin/touch", `${host}/enter`],
    ["run", "--rm", "--network", "none", "--ipc", "container:slow", image, "touch", `${memory}/ipc`],
  ];
  const outcomes = await Promise.all(commands.map((words) => root.tsns(words)));
  for (const [at, { code, stdout }] of outcomes.entries()) t.match({ code, stdout }, { code: 1, stdout: "" }, `${commands[at]?.join(" ")}`);
  t.same([...readdirSync(host), ...readdirSync(memory)], ["secret"], "nothing is put on the host");
  await root.ok(["rm", "-f", "slow"]);
  t.match(await ended, { code: 0 });
});

scenario("exec into one whose start was killed there", async (t, root) => {
  const host = mkdtempSync(join(tmpdir(), "tsns-host-root-"));
  t.teardown(() => rmSync(host, { recursive: true }));
  const { pid, ended } = await startSlowly(t, root);
  process.kill(pid, "SIGKILL");
  t.not((await root.tsns(["exec", "slow", "/bin/touch", `${host}/exec`])).code, 0);
  t.same(readdirSync(host), [], "nothing is put on the host");
  await root.ok(["rm", "-f", "slow"]);
  await ended;
});
