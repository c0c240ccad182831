// `tsns top` of all containers, a signal to one process, and what the tabs of the dashboard read of real containers.
import { openEngine } from "../../src/engine/engine.ts";
import { readChanges } from "../../src/engine/live/change.ts";
import { watchInspect } from "../../src/engine/live/inspect.ts";
import { watchMounts } from "../../src/engine/live/mount.ts";
import { watchWhy } from "../../src/engine/live/why.ts";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { rawControl } from "../fixture/process-use.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

interface Row {
  readonly container: string;
  readonly containerId: string;
  readonly pid: number;
  readonly innerPid: number;
  readonly args: readonly string[];
}

const topOf = async (root: DataRoot, name: string): Promise<readonly Row[]> =>
  (JSON.parse(await root.ok(["top", "--json", "--sort", "pid"])) as readonly Row[]).filter(({ container }) => container === name);

async function firstOf<T>(values: AsyncIterable<T>, is: (value: T) => boolean): Promise<T> {
  for await (const value of values) if (is(value)) return value;
  throw new Error("it ended");
}

scenario("top without a container: all of them, and nothing raw", async (t, root) => {
  const script = "sleep 2000 & while :; do sleep 1000; done";
  const title = "bad\x1b]0;title\x07";
  await root.ok(["run", "-d", "--name", "loud", "--network", "none", image, "sh", "-c", script, title]);
  await root.ok(["run", "-d", "--name", "still", "--network", "none", image, "sleep", "1000"]);
  await waitFor("both sleeps in loud", async () => {
    const words = (await topOf(root, "loud")).map(({ args }) => args.join(" "));
    return ["sleep 1000", "sleep 2000"].every((sleep) => words.includes(sleep));
  });
  const table = await root.ok(["top"]);
  t.match(table, /^PID +CONTAINER +INSIDE +USER +CPU % +MEMORY +STATE +TIME +COMMAND\n/);
  t.match(table, /still +1 +root .* sleep 1000$/m);
  for (const line of table.split("\n")) t.notMatch(line, rawControl);
  t.match(table, /\\x1b\]0;title\\x07/);
  t.equal((await topOf(root, "still")).length, 1);
  t.equal((await root.ok(["top", "--once", "--sort", "pid"])).split("\n").length, table.split("\n").length);
  t.match(await root.tsns(["top", "--once", "still"]), { code: 125, stderr: /--once is for all containers/ });
});

scenario("kill --process hits that one alone", async (t, root) => {
  const sleeper = (await topOf(root, "loud")).find(({ args }) => args[1] === "2000");
  const pid = `${sleeper?.pid}`;
  t.match(await root.tsns(["kill", "--process", pid, "still"]), { code: 1, stderr: new RegExp(`process ${pid} is none of still`) });
  t.match(await root.tsns(["kill", "--process", "0", "loud"]), { code: 125, stderr: /invalid --process/ });
  t.match(await root.tsns(["kill", "--process", "1", "loud", "still"]), { code: 125, stderr: /one container/ });
  t.match(await root.ok(["kill", "--process", pid, "--dry-run", "loud"]), new RegExp(`process ${pid}`));
  t.ok(
    (await topOf(root, "loud")).some((row) => `${row.pid}` === pid),
    "a dry run leaves it",
  );
  t.equal(await root.ok(["kill", "--process", pid, "--signal", "TERM", "loud"]), "loud");
  await waitFor("the process to end", async () => !(await topOf(root, "loud")).some((row) => `${row.pid}` === pid) || undefined);
  t.equal(await root.ok(["inspect", "--format", "{{.State.Running}}", "loud"]), "true");
});

scenario("what the tabs read, of one that runs, has ended and has gone", async (t, root) => {
  using engine = openEngine(root.path);
  const end = new AbortController();
  t.teardown(() => end.abort());
  const { signal } = end;
  const run = ["run", "-d", "--name", "told", "--network", "none", "-v", "data:/data:ro", "--tmpfs", "/scratch"];
  const id = (await root.ok([...run, image, "sh", "-c", "echo 12345 > /new; rm /bin/wc; echo done; sleep 1000"])).trim();
  await untilLogged(root, "told", /done/);
  const mounts = await firstOf(watchMounts(engine, id, signal), (rows) => rows?.[0]?.bytes !== undefined);
  t.match(mounts?.[0], { origin: "root", destination: "/", mode: "rw", propagation: "private", bytes: 6 });
  t.match(
    mounts?.find(({ destination }) => destination === "/data"),
    { origin: "asked", type: "volume", mode: "ro" },
  );
  t.match(
    mounts?.find(({ destination }) => destination === "/scratch"),
    { origin: "asked", type: "tmpfs" },
  );
  t.ok(mounts?.some(({ origin, destination }) => origin === "own" && destination === "/proc"));
  const changes = await readChanges(engine, id, signal);
  t.match(
    changes?.changes.find(({ path }) => path === "/new"),
    { kind: "A", sizeBytes: 6, isDirectory: false },
  );
  t.match(
    changes?.changes.find(({ path }) => path === "/bin/wc"),
    { kind: "D" },
  );
  t.equal(changes?.left, 0);
  const inspecting = watchInspect(engine, "container", id, signal);
  t.match((await inspecting.next()).value, { State: { Running: true } });
  t.match(await firstOf(watchWhy(engine, id, signal), () => true), { death: { isLive: true, deaths: [] } });
  await root.ok(["kill", "told"]);
  t.match(await firstOf(inspecting, (document) => (document?.State as { Running?: boolean } | undefined)?.Running === false), {
    State: { ExitCode: 137 },
  });
  t.match(await firstOf(watchWhy(engine, id, signal), () => true), { death: { isLive: false, deaths: [{ claims: [{}] }] }, slow: [] });
  t.match(
    (await firstOf(watchMounts(engine, id, signal), () => true))?.map(({ destination }) => destination),
    ["/", "/data", "/scratch"],
  );
  await root.ok(["rm", "told"]);
  t.equal(await firstOf(watchInspect(engine, "container", id, signal), () => true), undefined);
  t.equal(await firstOf(watchMounts(engine, id, signal), () => true), undefined);
  t.equal(await firstOf(watchWhy(engine, id, signal), () => true), undefined);
  t.same((await readChanges(engine, id, signal))?.changes, []);
});
