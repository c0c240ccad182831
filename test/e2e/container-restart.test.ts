// Containers that are kept running: restart policies, the wait between two runs, what ends it, monitors that were killed, system restore.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const run = ["run", "-d", "--network", "none"];

const look = (root: DataRoot, name: string, format: string) => root.ok(["inspect", "--format", format, name]);

/** Pid of a container's monitor, from its file. */
function monitorOf(root: DataRoot, id: string): number {
  return Number(readFileSync(`${root.path}/containers/${id}/monitor`, "utf8").split(" ")[0]);
}

const isGone = (pid: number) => !existsSync(`/proc/${pid}`) || /^\S+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

async function killMonitor(root: DataRoot, id: string): Promise<void> {
  const pid = monitorOf(root, id);
  process.kill(pid, "SIGKILL");
  await waitFor(`the end of monitor ${pid}`, () => isGone(pid));
}

const untilStatus = (root: DataRoot, name: string, status: string) =>
  waitFor(`${name} is ${status}`, async () => (await look(root, name, "{{.State.Status}}")) === status);

/** Waits until the wait between two runs is long enough to act in. */
async function untilAsleep(t: Test, root: DataRoot, name: string, id: string): Promise<void> {
  const file = `${root.path}/containers/${id}/restarting`;
  await waitFor(`${name} waits for a second or longer`, () => {
    if (!existsSync(file)) return false;
    const [, nextMs = 0] = readFileSync(file, "utf8").split(" ").map(Number);
    return nextMs - Date.now() > 1000;
  });
  t.equal(await look(root, name, "{{.State.Status}} {{.State.Restarting}} {{.State.Pid}}"), "restarting true 0");
}

const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

scenario("always: one run after another, each with the same address, port, files and number of descriptors", async (t, root) => {
  const script = "echo run >> /runs; while [ ! -e /end ]; do sleep 0.05; done; rm /end; exit 3";
  const id = await root.ok(["run", "-d", "--name", "again", "--restart", "always", "-p", "80", image, "sh", "-c", script]);
  const shown = "{{.NetworkSettings.IPAddress}} {{json .NetworkSettings.Ports}}";
  const before = await look(root, "again", shown);
  const open = descriptors(monitorOf(root, id));
  for (let count = 1; count <= 3; count++) {
    const monitor = monitorOf(root, id);
    const waiting = root.ok(["wait", "again"]);
    await waitFor("the connection of wait", () => descriptors(monitor) > open);
    await root.ok(["exec", "again", "touch", "/end"]);
    t.equal(await waiting, "3", "wait ends with each run");
    await waitFor("the next run", async () => (await look(root, "again", "{{.RestartCount}} {{.State.Status}}")) === `${count} running`);
    await waitFor("the end of the monitor before", () => isGone(monitor));
    t.equal(await look(root, "again", shown), before);
    t.equal(descriptors(monitorOf(root, id)), open);
  }
  t.equal(await root.ok(["exec", "again", "cat", "/runs"]), "run\nrun\nrun\nrun");
  const events = await root.ok(["events", "--since", "60s", "--until", "0s", "--filter", "container=again", "--format", "{{.Action}}"]);
  t.match(events, /^create\n.*start\n.*die\nstart\n.*die\nstart\n.*die\nstart/s);
  t.equal(events.split("\n").filter((action) => action === "die").length, 3, "each end is told once");
  t.match(JSON.parse(await look(root, "again", "{{json .HostConfig.RestartPolicy}}")), { Name: "always", MaximumRetryCount: 0 });
  await root.ok(["stop", "-t", "0", "again"]);
  t.equal(await look(root, "again", "{{.State.Status}} {{.RestartCount}}"), "exited 3", "one that is stopped stays so");
  await root.ok(["start", "again"]);
  t.equal(await look(root, "again", "{{.RestartCount}}"), "0", "somebody started it");
  await root.ok(["rm", "-f", "again"]);
});

scenario("on-failure: as often as it says, not after success; an attached run ends with its first end", async (t, root) => {
  const first = await root.tsns([
    "run",
    "--name",
    "fails",
    "--network",
    "none",
    "--restart",
    "on-failure:2",
    image,
    "sh",
    "-c",
    "echo no; exit 7",
  ]);
  t.match(first, { code: 7, stdout: "no\n", stderr: "" });
  await untilStatus(root, "fails", "exited");
  t.equal(await look(root, "fails", "{{.RestartCount}} {{.State.ExitCode}}"), "2 7");
  t.equal(await root.ok(["logs", "fails"]), "no\nno\nno");
  await root.ok([...run, "--name", "works", "--restart", "on-failure", image, "true"]);
  await untilStatus(root, "works", "exited");
  t.equal(await look(root, "works", "{{.RestartCount}} {{.State.ExitCode}}"), "0 0");
  await root.ok(["rm", "fails", "works"]);
});

scenario("while it waits: what needs a process is refused, stop, kill and rm -f end it, no process is left", async (t, root) => {
  const id = await root.ok([...run, "--name", "waits", "--restart", "always", image, "false"]);
  await untilAsleep(t, root, "waits", id);
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.Status}}"]), /^waits Restarting \(1\) .* ago$/);
  t.match(await root.tsns(["exec", "waits", "true"]), {
    code: 1,
    stderr: /Container waits is restarting, wait until the container is running/,
  });
  t.match(await root.tsns(["rm", "waits"]), { code: 1, stderr: /cannot remove container/ });
  t.equal(await root.ok(["start", "waits"]), "waits", "docker: it is running already");
  const monitor = monitorOf(root, id);
  const children = readFileSync(`/proc/${monitor}/task/${monitor}/children`, "utf8");
  t.equal(children, "", "nobody but the monitor waits");
  await root.ok(["stop", "waits"]);
  t.equal(await look(root, "waits", "{{.State.Status}} {{.State.ExitCode}}"), "exited 1");
  await waitFor("the end of the monitor", () => isGone(monitor));
  for (const end of ["kill", "rm"]) {
    await root.ok(["start", "waits"]);
    await waitFor("the first end", () => existsSync(`${root.path}/containers/${id}/exit`));
    await root.ok(end === "rm" ? ["rm", "-f", "waits"] : [end, "waits"]);
  }
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("a killed monitor: the next command notices, the policy holds, also in the wait between two runs", async (t, root) => {
  const ids = new Map<string, string>();
  for (const [name, policy] of [
    ["one", "always"],
    ["two", "on-failure:1"],
    ["three", "no"],
  ] as const)
    ids.set(name, await root.ok([...run, "--name", name, "--restart", policy, image, "sleep", "1000"]));
  for (const id of ids.values()) await killMonitor(root, id);
  t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "three exited\ntwo running\none running");
  await killMonitor(root, ids.get("two") ?? "");
  t.match(
    await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]),
    "three exited\ntwo exited\none running",
    "it was its last time",
  );
  const asleep = await root.ok([...run, "--name", "four", "--restart", "always", image, "false"]);
  await untilAsleep(t, root, "four", asleep);
  const count = Number(await look(root, "four", "{{.RestartCount}}"));
  await killMonitor(root, asleep);
  await root.ok(["ps"]);
  t.ok(Number(await look(root, "four", "{{.RestartCount}}")) >= count, "it goes on where it was");
  await root.ok(["rm", "-f", "one", "two", "three", "four"]);
});

scenario("system restore: what is to run runs again, what somebody stopped only with always", async (t, root) => {
  for (const policy of ["always", "unless-stopped", "no"])
    for (const end of ["stopped", "killed"]) {
      const name = `${policy}-${end}`;
      const id = await root.ok([...run, "--name", name, "--restart", policy, image, "sleep", "1000"]);
      if (end === "stopped") await root.ok(["stop", "-t", "0", name]);
      else await killMonitor(root, id);
    }
  await root.ok(["create", "--name", "never", "--restart", "always", image, "sleep", "1000"]);
  const planned = await root.ok(["system", "restore", "--dry-run"]);
  t.equal(planned.match(/sandbox\.start/g)?.length, 3);
  t.same((await root.ok(["system", "restore"])).split("\n"), ["always-stopped", "always-killed", "unless-stopped-killed"]);
  t.equal(await root.ok(["system", "restore"]), "", "all run");
  t.equal(await root.ok(["ps", "-a", "--filter", "status=created", "--format", "{{.Names}}"]), "never", "what nobody ever started waits");
  const all = (await root.ok(["ps", "-aq"])).split("\n");
  await root.ok(["rm", "-f", ...all]);
});

scenario("a start that fails at a restart is kept as the container's error", async (t, root) => {
  const source = mkdtempSync(join(tmpdir(), "tsns-source-"));
  const mount = `type=bind,source=${source},target=/x`;
  await root.ok([
    ...run,
    "--name",
    "poor",
    "--restart",
    "always",
    "--mount",
    mount,
    image,
    "sh",
    "-c",
    "while [ -e /run/on ]; do :; done; sleep 1000",
  ]);
  rmSync(source, { recursive: true });
  await killMonitor(root, await look(root, "poor", "{{.Id}}"));
  t.match(await root.tsns(["ps"]), { code: 0, stderr: /container poor was not started again: .*bind source path does not exist/ });
  t.equal(await look(root, "poor", "{{.State.Status}} {{.State.ExitCode}}"), "exited 128");
  t.match(await look(root, "poor", "{{.State.Error}}"), /bind source path does not exist/);
  t.match(await root.tsns(["system", "restore"]), { code: 1, stderr: /container poor was not started: .*bind source path does not exist/ });
  mkdirSync(source);
  t.equal(await root.ok(["system", "restore"]), "poor");
  await root.ok(["rm", "-f", "poor"]);
  rmSync(source, { recursive: true });
});

scenario("update --restart changes what follows the run that is under way", async (t, root) => {
  await root.ok([...run, "--name", "tamed", "--restart", "always", image, "sh", "-c", "echo up; while [ ! -e /end ]; do sleep 0.05; done"]);
  await untilLogged(root, "tamed", /up/);
  await root.ok(["update", "--restart", "no", "tamed"]);
  t.match(JSON.parse(await look(root, "tamed", "{{json .HostConfig.RestartPolicy}}")), { Name: "no" });
  await root.ok(["exec", "tamed", "touch", "/end"]);
  await untilStatus(root, "tamed", "exited");
  t.equal(await look(root, "tamed", "{{.RestartCount}}"), "0");
  await root.ok(["run", "-d", "--rm", "--name", "brief", "--network", "none", image, "sleep", "1000"]);
  t.match(await root.tsns(["update", "--restart", "always", "brief"]), {
    code: 1,
    stderr: /Restart policy cannot be updated because AutoRemove is enabled/,
  });
  await root.ok(["rm", "-f", "brief", "tamed"]);
});

scenario("wrong policies, in docker's words, before anything is made", async (t, root) => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["--restart", "sometimes"], /invalid restart policy 'sometimes'/],
    [["--restart", "no:3"], /maximum retry count cannot be used with restart policy 'no'/],
    [["--restart", "on-failure:-1"], /maximum retry count cannot be negative/],
    [["--restart", "on-failure:x"], /maximum retry count must be an integer/],
    [["--restart", ":3"], /no policy provided before colon/],
    [["--rm", "--restart", "always"], /conflicting options: cannot specify both --restart and --rm/],
  ];
  for (const [options, stderr] of refused) t.match(await root.tsns(["run", ...options, image, "true"]), { code: 125, stderr });
  t.equal(await root.ok(["ps", "-aq"]), "");
});
