// What changes before one's eyes, on real containers: each thing that happens to one is seen, also what nobody tells, and their use is
// counted as they count it themselves.
import type { Test } from "tap";
import type { ContainerState } from "../../src/container/record.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { type ContainerWatch, openContainerWatch } from "../../src/engine/live/container.ts";
import { openUsageSampler } from "../../src/engine/live/usage.ts";
import { readNetworkTraffic } from "../../src/kernel/proc/net-dev.ts";
import { readJournal } from "../../src/store/journal.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { patience } from "../fixture/patience.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

function openWatch(t: Test, root: DataRoot) {
  const engine = openEngine(root.path);
  const watch = openContainerWatch(engine);
  t.teardown(() => {
    watch[Symbol.dispose]();
    engine[Symbol.dispose]();
  });
  return { engine, watch };
}

/** The container of this name once it passes; waits for the watch alone. */
async function seen(watch: ContainerWatch, name: string, isSeen: (state: ContainerState) => boolean = () => true): Promise<ContainerState> {
  const late = AbortSignal.timeout(15_000 * patience);
  for (;;) {
    const found = (await watch.read()).find(({ record }) => record.name === name);
    if (found && isSeen(found)) return found;
    if (late.aborted) throw new Error(`${name} is not seen as it is: ${JSON.stringify({ ...found, record: found?.record.exit })}`);
    await watch.changed(late);
  }
}

async function untilGone(watch: ContainerWatch, name: string): Promise<void> {
  const late = AbortSignal.timeout(15_000 * patience);
  while ((await watch.read()).some(({ record }) => record.name === name)) {
    if (late.aborted) throw new Error(`${name} is still seen`);
    await watch.changed(late);
  }
}

scenario("made, started, paused, renamed, updated, ended, removed: all is seen, nothing else is", async (t, root) => {
  const { watch } = openWatch(t, root);
  const before = await watch.read();
  await root.ok(["create", "--name", "one", "--network", "none", image, "sleep", "1000"]);
  t.match(await seen(watch, "one"), { status: "created", pid: 0 });
  t.not(await watch.read(), before);
  await root.ok(["start", "one"]);
  const running = await seen(watch, "one", ({ status }) => status === "running");
  t.ok(running.pid > 0 && running.monitorPid > 0);
  await root.ok(["run", "-d", "--name", "two", "--network", "none", image, "sleep", "1000"]);
  await seen(watch, "two", ({ status }) => status === "running");
  const both = await watch.read();
  t.same(
    both.slice(0, 2).map(({ record }) => record.name),
    ["two", "one"],
    "newest first",
  );
  await root.ok(["pause", "one"]);
  t.equal((await seen(watch, "one", ({ paused }) => paused)).status, "running");
  t.equal((await watch.read())[0], both[0], "the other one is the same value");
  await root.ok(["unpause", "one"]);
  await seen(watch, "one", ({ paused }) => !paused);
  await root.ok(["rename", "one", "uno"]);
  t.equal((await seen(watch, "uno")).record.id, running.record.id);
  await root.ok(["update", "--memory", "64m", "uno"]);
  await seen(watch, "uno", ({ record }) => record.spec.resources.memoryBytes === 64 * 1024 ** 2);
  await root.ok(["restart", "-t", "0", "uno"]);
  await seen(watch, "uno", ({ status, pid }) => status === "running" && pid !== running.pid);
  await root.ok(["kill", "uno"]);
  t.match(await seen(watch, "uno", ({ status }) => status === "exited"), { record: { exit: { exitCode: 137 } }, pid: 0 });
  await root.ok(["rm", "-f", "uno", "two"]);
  await untilGone(watch, "uno");
  await untilGone(watch, "two");
});

scenario("a monitor that is killed tells nobody, and is seen and cleaned up", async (t, root) => {
  const { engine, watch } = openWatch(t, root);
  await root.ok(["run", "-d", "--name", "lost", "--network", "none", image, "sleep", "1000"]);
  const { record, monitorPid } = await seen(watch, "lost", ({ status }) => status === "running");
  process.kill(monitorPid, "SIGKILL");
  t.match(await seen(watch, "lost", ({ status }) => status === "exited"), { record: { exit: { signal: 9 } } });
  await waitFor("nothing to be left to undo", () => readJournal(engine.store, record.id) === undefined);
  await root.ok(["rm", "lost"]);
  await untilGone(watch, "lost");
});

scenario("use, as the container counts it itself; it ends while it is sampled", async (t, root) => {
  const { watch } = openWatch(t, root);
  const sampler = openUsageSampler(1000);
  t.teardown(() => sampler[Symbol.dispose]());
  const script = "dd if=/dev/zero of=/dev/shm/file bs=1M count=4 2>/dev/null; while :; do :; done";
  await root.ok(["run", "-d", "--name", "busy", "--memory", "64m", "--pids-limit", "50", "--cpus", "0.2", image, "sh", "-c", script]);
  await root.ok(["run", "-d", "--name", "in-busy", "--network", "container:busy", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "on-host", "--network", "host", image, "sleep", "1000"]);
  const busy = await seen(watch, "busy", ({ status }) => status === "running");
  const [inBusy, onHost] = [
    await seen(watch, "in-busy", ({ status }) => status === "running"),
    await seen(watch, "on-host", ({ status }) => status === "running"),
  ];
  await root.ok(["exec", "busy", "sh", "-c", "ping -c 3 -i 0.1 $(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p')"]);
  const sample = async (...states: ContainerState[]) => {
    const all = await watch.read();
    return sampler.sample(states, (name) => all.find(({ record }) => record.name === name || record.id.startsWith(name)));
  };
  await sample(busy, inBusy, onHost);
  const now = await waitFor("a container that uses a processor and is throttled", async () => {
    await sample(busy, inBusy, onHost);
    const latest = sampler.board.latest.get(busy.record.id);
    return latest && latest.cpuPercent > 1 && latest.throttledPercent > 1 ? latest : undefined;
  });
  t.ok(now.memoryBytes >= 4 * 1024 ** 2 && now.memoryBytes < 64 * 1024 ** 2, `${now.memoryBytes}`);
  t.match(now, { memoryLimitBytes: 64 * 1024 ** 2, pidsLimit: 50, pids: 1, oomKills: 0 });
  const inside = readNetworkTraffic(busy.pid).find(({ name }) => name === "eth0");
  t.ok((inside?.sentBytes ?? 0) >= 3 * 84, "it has sent something");
  // A packet of the neighbour discovery may come between the two looks.
  t.ok(Math.abs(now.sentBytes - (inside?.sentBytes ?? 0)) < 500, `${now.sentBytes} ${inside?.sentBytes}`);
  // Each is looked at in a moment of its own: a sample may come a round later, a packet between two of them.
  await waitFor("the same of who shares its network", async () => {
    await sample(busy, inBusy, onHost);
    const [one, other, third] = [busy, inBusy, onHost].map(({ record }) => sampler.board.latest.get(record.id)?.sentBytes);
    return one === other && third !== undefined;
  });
  t.match(sampler.board.latest.get(onHost.record.id), { sentBytes: 0, receivedBytes: 0 }, "as docker: none of its own");
  await root.ok(["rm", "-f", "busy"]);
  t.match(await sample(busy), { gone: [busy.record.id] });
  t.equal(sampler.board.latest.get(busy.record.id), undefined);
  await root.ok(["rm", "-f", "in-busy", "on-host"]);
});

scenario("stats: several at once, one that ends and one that is removed meanwhile, the end of the stream", async (t, root) => {
  await root.ok(["run", "-d", "--name", "stays", "--network", "none", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "ends", "--network", "none", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "goes", "--network", "none", image, "sleep", "1000"]);
  const child = root.start(["stats", "--format", "{{.Name}} {{.PIDs}}", "stays", "ends", "goes"]);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  const told = (pattern: RegExp) =>
    waitFor(
      () => `${pattern} in ${text}`,
      () => pattern.test(text),
    );
  await told(/^stays 1\nends 1\ngoes 1\n/);
  await root.ok(["kill", "ends"]);
  await told(/stays 1\nends 0\ngoes 1\n/);
  await root.ok(["rm", "-f", "goes"]);
  await told(/stays 1\nends 0\nstays 1\n/);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
  t.match(await root.ok(["stats", "--no-stream", "--format", "{{.Name}}"]), /^stays$/);
  t.match(await root.ok(["stats", "-a", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}"]), /^ends 0B \/ .*\nstays \S+B \/ /);
  await root.ok(["rm", "-f", "stays", "ends"]);
});
