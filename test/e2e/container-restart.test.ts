// Containers that are kept running: restart policies, the wait between two runs, what ends it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { inOneWait, isGone, look, monitorOf, untilAsleep } from "../fixture/keep.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const run = ["run", "-d", "--network", "none"];

const untilStatus = (root: DataRoot, name: string, status: string) =>
  waitFor(`${name} is ${status}`, async () => (await look(root, name, "{{.State.Status}}")) === status);

/** Open descriptors of a monitor that sleeps: it has let go of the clients that have left. */
const descriptors = (pid: number) =>
  waitFor(`monitor ${pid} sleeps`, () => /\) S /.test(readFileSync(`/proc/${pid}/stat`, "utf8")) && readdirSync(`/proc/${pid}/fd`).length);

scenario("always: one run after another, each with the same address, port, files and number of descriptors", async (t, root) => {
  const script = "echo run >> /runs; while [ ! -e /end ]; do sleep 0.05; done; rm /end; exit 3";
  const id = await root.ok(["run", "-d", "--name", "again", "--restart", "always", "-p", "80", image, "sh", "-c", script]);
  const shown = "{{.NetworkSettings.IPAddress}} {{json .NetworkSettings.Ports}}";
  const before = await look(root, "again", shown);
  const open = await descriptors(monitorOf(root, id));
  for (let count = 1; count <= 3; count++) {
    const monitor = monitorOf(root, id);
    const waiting = root.ok(["wait", "again"]);
    await waitFor("the connection of wait", async () => (await descriptors(monitor)) > open);
    await root.ok(["exec", "again", "touch", "/end"]);
    t.equal(await waiting, "3", "wait ends with each run");
    await waitFor("the next run", async () => (await look(root, "again", "{{.RestartCount}} {{.State.Status}}")) === `${count} running`);
    await waitFor("the end of the monitor before", () => isGone(monitor));
    t.equal(await look(root, "again", shown), before);
    t.equal(await descriptors(monitorOf(root, id)), open);
  }
  const fourRuns = "run\nrun\nrun\nrun\n";
  await waitFor(
    "each run has its line in the same file",
    async () => (await root.tsns(["exec", "again", "cat", "/runs"])).stdout === fourRuns,
  );
  const events = await root.ok(["events", "--since", "1h", "--until", "0s", "--filter", "container=again", "--format", "{{.Action}}"]);
  t.match(events, /^create\n.*start\n.*die\nstart\n.*die\nstart\n.*die\nstart/s);
  t.equal(events.split("\n").filter((action) => action === "die").length, 3, "each end is told once");
  const network = await root.ok([
    "events",
    "--since",
    "1h",
    "--until",
    "0s",
    "--filter",
    "type=network",
    "--format",
    "{{.Action}} {{.Actor.Attributes.container}}",
  ]);
  const left = network.split("\n").filter((line) => line === `disconnect ${id}`);
  t.equal(left.length, 3, "and each time it leaves its network");
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
  const seen = await inOneWait(root, "waits", id, async () => {
    const monitor = monitorOf(root, id);
    return {
      monitor,
      state: await look(root, "waits", "{{.State.Status}} {{.State.Restarting}} {{.State.Pid}}"),
      listed: await root.tsns(["ps", "--format", "{{.Names}} {{.Status}}"]),
      exec: await root.tsns(["exec", "waits", "true"]),
      rm: await root.tsns(["rm", "waits"]),
      start: await root.tsns(["start", "waits"]),
      kill: await root.tsns(["kill", "-s", "USR1", "waits"]),
      children: isGone(monitor) || readFileSync(`/proc/${monitor}/task/${monitor}/children`, "utf8"),
    };
  });
  const { monitor } = seen;
  t.equal(seen.state, "restarting true 0");
  t.match(seen.listed, { code: 0, stdout: /^waits Restarting \(1\) .* ago\n$/ });
  t.match(seen.exec, { code: 1, stderr: /Container waits is restarting, wait until the container is running/ });
  t.match(seen.rm, { code: 1, stderr: /cannot remove container/ });
  t.match(seen.start, { code: 0, stdout: "waits\n" }, "docker: it is running already");
  t.match(seen.kill, { code: 0, stdout: "waits\n" }, "docker: nobody hears it");
  t.equal(seen.children, "", "nobody but the monitor waits");
  await root.ok(["stop", "waits"]);
  t.equal(await look(root, "waits", "{{.State.Status}} {{.State.ExitCode}}"), "exited 1");
  await waitFor("the end of the monitor", () => isGone(monitor));
  await root.ok(["start", "waits"]);
  await untilAsleep(root, "waits", id);
  const waiting = root.ok(["wait", "waits"]);
  await root.ok(["kill", "waits"]);
  t.equal(await waiting, "1", "wait hears of the end of the wait");
  for (const end of ["kill", "rm"]) {
    await root.ok(["start", "waits"]);
    await waitFor("the first end", () => existsSync(`${root.path}/containers/${id}/exit`));
    await root.ok(end === "rm" ? ["rm", "-f", "waits"] : [end, "waits"]);
  }
  t.equal(await root.ok(["ps", "-aq"]), "");
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

scenario("a container that is renamed while it runs ends under its new name", async (t, root) => {
  await root.ok([...run, "--name", "before", "--label", "a=b", image, "sleep", "1000"]);
  await root.ok(["rename", "before", "behind"]);
  await root.ok(["rm", "-f", "behind"]);
  const events = await root.ok(["events", "--since", "1h", "--until", "0s", "--filter", "event=die", "--filter", "label=a=b"]);
  t.match(events, / container die [0-9a-f]{64} \(a=b, execDuration=\d+, exitCode=137, image=busybox, name=behind\)$/);
});

scenario("--rm: its root file system is volatile, and mounted again all the same", async (t, root) => {
  const script = "echo run >> /runs; trap 'exit 0' TERM; while :; do sleep 0.05; done";
  await root.ok([...run, "--rm", "--name", "short", image, "sh", "-c", script]);
  await waitFor("its first run", async () => (await root.tsns(["exec", "short", "cat", "/runs"])).stdout === "run\n");
  t.match(await root.ok(["exec", "short", "grep", " / overlay ", "/proc/mounts"]), /volatile/);
  await root.ok(["restart", "short"]);
  await waitFor("its second run", async () => (await root.tsns(["exec", "short", "cat", "/runs"])).stdout === "run\nrun\n");
  await root.ok(["stop", "-t", "0", "short"]);
  t.equal(await root.ok(["ps", "-aq", "-f", "name=short"]), "");
});
