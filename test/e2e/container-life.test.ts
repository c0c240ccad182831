// A container's life: made, started, stopped, started again, removed; how it ends and what is told about it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image, inside, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";

const scenario = sharingRoot();
const state = "{{.State.Status}} {{.State.ExitCode}}";

scenario("create, start, stop, start: files stay, the process is new", async (t, root) => {
  const id = await root.ok(["create", "--name", "kept", image, "sh", "-c", "echo run >> /root/runs; cat /root/runs; exec sleep 1000"]);
  t.match(id, /^[0-9a-f]{64}$/);
  t.equal(await root.ok(["inspect", "--format", state, "kept"]), "created 0");
  t.equal(await root.ok(["start", "kept"]), "kept");
  const first = await pidOf(root, "kept");
  await untilLogged(root, "kept", /run\n/);
  t.equal(await root.ok(["stop", "-t", "0", "kept"]), "kept");
  t.equal(await root.ok(["inspect", "--format", state, "kept"]), "exited 137");
  t.notOk(existsSync(`/proc/${first}`));
  t.equal(await root.ok(["start", id.slice(0, 5)]), id.slice(0, 5), "by a part of its id");
  t.not(await pidOf(root, "kept"), first);
  await untilLogged(root, "kept", /run\nrun\nrun\n/);
  t.equal(await root.ok(["exec", "kept", "cat", "/root/runs"]), "run\nrun");
  t.equal(await root.ok(["start", "kept"]), "kept", "one that runs is left alone");
  t.equal(await root.ok(["rm", "-f", "kept"]), "kept");
  t.match(await root.tsns(["inspect", "kept"]), { code: 1, stderr: /No such object: kept/ });
  t.notOk(existsSync(`${root.path}/containers/${id}`));
});

scenario("start -a shows the output and has the exit code, also the second time", async (t, root) => {
  await root.ok(["create", "--name", "again", "--network", "none", image, "sh", "-c", "echo out; echo err >&2; exit 42"]);
  for (let time = 0; time < 2; time++) t.match(await root.tsns(["start", "-a", "again"]), { code: 42, stdout: "out\n", stderr: "err\n" });
  await root.ok(["rm", "again"]);
  await root.ok(["create", "-i", "--name", "fed", "--network", "none", image, "cat"]);
  for (const input of ["one", "two"]) t.match(await root.tsns(["start", "-ai", "fed"], { input }), { code: 0, stdout: input });
  await root.ok(["rm", "fed"]);
});

scenario("--rm leaves nothing; without it the container stays", async (t, root) => {
  const before = readdirSync(`${root.path}/containers`);
  await root.ok(["run", "--rm", image, "true"]);
  await root.ok(["run", "-d", "--rm", "--name", "brief", image, "sleep", "1000"]);
  t.equal(await root.ok(["stop", "-t", "0", "brief"]), "brief");
  t.same(readdirSync(`${root.path}/containers`), before);
  t.equal(await root.ok(["ps", "-aq"]), "");
  await root.ok(["run", "--name", "stays", image, "true"]);
  t.equal(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "stays exited");
  await root.ok(["rm", "stays"]);
});

scenario("exit codes: the command's own, 126, 127, 125, 128 and the signal", async (t, root) => {
  const run = (...argv: string[]) => root.tsns(["run", "--rm", "--network", "none", image, ...argv]).then(({ code }) => code);
  for (const code of [0, 1, 42, 125, 126, 127, 200, 255]) t.equal(await run("sh", "-c", `exit ${code}`), code);
  t.equal(await run("no-such-command"), 127);
  t.equal(await run("/etc/passwd"), 126);
  t.equal(await run("/etc"), 126, "a directory");
  t.equal((await root.tsns(["run", "--rm", "--memory", "1q", image, "true"])).code, 125);
  await root.ok(["run", "-d", "--name", "signalled", "--network", "none", image, "sleep", "1000"]);
  const waiting = root.tsns(["wait", "signalled"]);
  await root.ok(["kill", "signalled"]);
  t.match(await waiting, { code: 0, stdout: "137\n" });
  await root.ok(["rm", "signalled"]);
  t.equal(await run("sh", "-c", "sh -c 'kill -TERM $$'; exit $?"), 143, "a child's signal, as the shell tells it");
  t.equal((await root.tsns(["run", "--rm", "--init", "--network", "none", image, "sh", "-c", "kill -TERM $$"])).code, 143, "with --init");
});

const trapping = (signal: string, code: number) =>
  `trap 'echo ${signal}; exit ${code}' ${signal}; echo ready; while :; do sleep 1000 & wait; done`;

scenario("stop: the container's signal, the time it has, then SIGKILL", async (t, root) => {
  await root.ok(["run", "-d", "--name", "term", "--network", "none", image, "sh", "-c", trapping("TERM", 3)]);
  await untilLogged(root, "term", /ready/);
  await root.ok(["stop", "term"]);
  t.equal(await root.ok(["inspect", "--format", state, "term"]), "exited 3");
  t.equal(await root.ok(["logs", "term"]), "ready\nTERM");
  await root.ok(["run", "-d", "--name", "usr", "--network", "none", "--stop-signal", "SIGUSR1", image, "sh", "-c", trapping("USR1", 4)]);
  await untilLogged(root, "usr", /ready/);
  await root.ok(["stop", "usr"]);
  t.equal(await root.ok(["inspect", "--format", "{{.State.ExitCode}} {{.Config.StopSignal}}", "usr"]), "4 SIGUSR1");
  await root.ok([
    "run",
    "-d",
    "--name",
    "deaf",
    "--network",
    "none",
    "--stop-timeout",
    "1",
    image,
    "sh",
    "-c",
    "trap '' TERM; echo ready; while :; do sleep 1000; done",
  ]);
  await untilLogged(root, "deaf", /ready/);
  await root.ok(["stop", "deaf"], { timeoutMs: 30_000 });
  t.equal(await root.ok(["inspect", "--format", state, "deaf"]), "exited 137");
  t.equal(await root.ok(["stop", "deaf"]), "deaf", "stopping it again is no error");
  await root.ok(["rm", "term", "usr", "deaf"]);
});

scenario("kill -s: a signal that ends nothing, one by number, and SIGKILL by default", async (t, root) => {
  const script = "trap 'echo hup' HUP; trap 'exit 9' USR2; echo ready; while :; do sleep 1000 & wait; done";
  await root.ok(["run", "-d", "--name", "hit", "--network", "none", image, "sh", "-c", script]);
  await untilLogged(root, "hit", /ready/);
  t.equal(await root.ok(["kill", "-s", "HUP", "hit"]), "hit");
  await untilLogged(root, "hit", /hup/);
  const waiting = root.tsns(["wait", "hit"]);
  await root.ok(["kill", "--signal", "12", "hit"]);
  t.match(await waiting, { code: 0, stdout: "9\n" });
  t.match(await root.tsns(["kill", "hit"]), { code: 1, stderr: /^tsns: .*hit.* is not running.*\n$/ });
  t.match(await root.tsns(["kill", "-s", "NOSUCH", "hit"]), { code: 1, stderr: /NOSUCH/ });
  t.equal(await root.ok(["wait", "hit"]), "9", "of one that has ended");
  await root.ok(["rm", "hit"]);
});

scenario("signals to `run` reach the container", async (t, root) => {
  const child = root.start(["run", "--rm", "--network", "none", image, "sh", "-c", trapping("TERM", 7)]);
  const ended = outcomeOf(child, "run", 60_000);
  await new Promise((done) => child.stdout.once("data", done));
  child.kill("SIGTERM");
  t.match(await ended, { code: 7, stdout: "ready\nTERM\n", stderr: "" });
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("--init: process 1 reaps what is orphaned and passes signals on", async (t, root) => {
  const orphans = `for i in 1 2 3 4 5; do (sh -c 'exec >> /tmp/ended; echo x' &); done
    until [ "$(wc -l < /tmp/ended)" = 5 ]; do :; done
    while grep -q '^State:.Z' /proc/[0-9]*/status; do :; done
    ps -o pid,comm | head -n 3`;
  const listed = await inside(root, orphans, ["--init"]);
  t.match(listed, /PID.*\n +1 tsns-init\n/);
  await root.ok(["run", "-d", "--name", "inited", "--network", "none", "--init", image, "sh", "-c", trapping("TERM", 6)]);
  await untilLogged(root, "inited", /ready/);
  await root.ok(["stop", "inited"]);
  t.equal(await root.ok(["inspect", "--format", state, "inited"]), "exited 6");
  t.equal((await root.tsns(["run", "--rm", "--init", "--network", "none", image, "sh", "-c", "exit 42"])).code, 42);
  t.equal((await root.tsns(["run", "--rm", "--init", "--network", "none", image, "nope"])).code, 127);
  await root.ok(["rm", "inited"]);
});

scenario("names: given, made up, taken, free again", async (t, root) => {
  const id = await root.ok(["create", "--name", "the-name", image, "true"]);
  t.match(await root.tsns(["create", "--name", "the-name", image, "true"]), {
    code: 1,
    stderr: new RegExp(`^tsns: .*"/the-name".*${id}.*\\n$`),
  });
  t.match(await root.tsns(["run", "--name", "the-name", image, "true"]), { code: 125, stderr: /already in use/ });
  await root.ok(["create", image, "true"]);
  const names = (await root.ok(["ps", "-a", "--format", "{{.Names}}"])).split("\n");
  t.match(names[0], /^[a-z]+_[a-z]+/, "two words");
  await root.ok(["rm", ...names]);
  await root.ok(["create", "--name", "the-name", image, "true"]);
  await root.ok(["rm", "the-name"]);
});

scenario("several at once: what can be done is done, each failure is told", async (t, root) => {
  await root.ok(["create", "--name", "one", image, "true"]);
  await root.ok(["create", "--name", "two", image, "true"]);
  const outcome = await root.tsns(["rm", "one", "nosuch", "two"]);
  t.match(outcome, { code: 1, stdout: "one\ntwo\n", stderr: /^tsns: No such container: nosuch.*\n$/ });
  t.equal(await root.ok(["rm", "-f", "nosuch"]), "", "with -f that is no error, as with docker");
  t.match(await root.tsns(["rm", "-f", "nosuch"]), { code: 0, stderr: "tsns: No such container: nosuch\n" });
});

scenario("--cidfile", async (t, root) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-cid-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "cid");
  const id = await root.ok(["run", "-d", "--cidfile", "cid", image, "sleep", "1000"], { cwd: folder });
  t.equal(readFileSync(file, "utf8"), id);
  t.match(await root.tsns(["run", "--rm", "--cidfile", file, image, "true"]), { code: 125, stderr: /^tsns: .*cid.*\n$/ });
  t.equal(readFileSync(file, "utf8"), id);
  await root.ok(["rm", "-f", id]);
  writeFileSync(file, "");
  t.not((await root.tsns(["create", "--cidfile", file, image, "true"])).code, 0);
  t.equal(await root.ok(["ps", "-aq"]), "");
});
