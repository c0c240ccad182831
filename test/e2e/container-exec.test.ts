// Further commands in a running container.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const name = "host-of-exec";

scenario("exit codes and output", async (t, root) => {
  await root.ok(["run", "-d", "--name", name, "--network", "none", "-e", "FROM=run", "-w", "/var", image, "sleep", "1000"]);
  for (const code of [0, 1, 42, 255]) t.equal((await root.tsns(["exec", name, "sh", "-c", `exit ${code}`])).code, code);
  t.match(await root.tsns(["exec", name, "sh", "-c", "echo out; echo err >&2"]), { code: 0, stdout: "out\n", stderr: "err\n" });
  t.match(await root.tsns(["exec", name, "nosuch"]), { code: 127, stdout: "", stderr: /^tsns: .*"nosuch".*not found.*\n$/ });
  t.match(await root.tsns(["exec", name, "/etc/passwd"]), { code: 126, stderr: /^tsns: .*"\/etc\/passwd".*permission denied.*\n$/ });
  t.equal((await root.tsns(["exec", name, "sh", "-c", "kill -KILL $$"])).code, 137);
  t.equal((await root.tsns(["exec", name, "sh", "-c", "kill -TERM $$"])).code, 143);
});

scenario("-e, -w, -u", async (t, root) => {
  t.equal(await root.ok(["exec", name, "sh", "-c", "echo $FROM; pwd"]), "run\n/var", "what the container was made with");
  t.equal(await root.ok(["exec", "-e", "FROM=exec", "-e", "MORE=a b", name, "sh", "-c", "echo $FROM $MORE"]), "exec a b");
  t.equal(
    await root.ok(["exec", "-e", "TAKEN", name, "sh", "-c", "echo $TAKEN"], { env: { TAKEN: "from the caller" } }),
    "from the caller",
  );
  t.equal(await root.ok(["exec", "-w", "/home", name, "pwd"]), "/home");
  t.match(await root.tsns(["exec", "-w", "home", name, "pwd"]), { code: 126, stderr: /absolute/ });
  t.match(await root.tsns(["exec", "-w", "/missing", name, "pwd"]), { code: 126, stdout: "", stderr: /\/missing.*no such file/i });
  t.match(await root.tsns(["exec", name, "ls", "/missing"]), { code: 1 }, "a mistyped directory is not made");
  t.equal(
    (await root.ok(["exec", "-u", "4242:4343", name, "awk", "/^Groups:/ { print $2 }", "/proc/self/status"])).trim(),
    "4343",
    "no lesser rights by a setgid",
  );
  const ids = (user: string) => root.ok(["exec", "-u", user, name, "sh", "-c", "id -u; id -g; echo $HOME"]);
  t.equal(await ids("nobody"), "65534\n65534\n/");
  t.equal(await ids("daemon:tty"), "1\n5\n/");
  t.equal(await ids("1000:7"), "1000\n7\n/");
  t.match(await root.tsns(["exec", "-u", "nosuch", name, "true"]), { code: 126, stderr: /^tsns: .*nosuch.*\n$/ });
});

scenario("options of exec that are wrong are 1, those of run 125, where docker has 1 for some", async (t, root) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--env-file", "/nope"], /open \/nope: no such file/],
    [["--env-file", "/dev/null", "--detach-keys", "foo"], /unknown key "foo"/],
  ];
  for (const [options, stderr] of wrong) {
    t.match(await root.tsns(["exec", ...options, name, "true"]), { code: 1, stdout: "", stderr });
    t.match(await root.tsns(["run", "--rm", "--network", "none", ...options, image, "true"]), { code: 125, stdout: "", stderr });
  }
  t.match(await root.tsns(["attach", "--detach-keys", "foo", name]), { code: 1, stderr: /unknown key "foo"/ });
  t.match(await root.tsns(["run", "-d", "-a", "stdout", image, "true"]), { code: 125, stderr: /both --attach and --detach/ });
});

scenario("standard input", async (t, root) => {
  const input = randomBytes(1_000_000);
  t.same((await root.tsns(["exec", "-i", name, "cat"], { input })).bytes, input);
  t.match(await root.tsns(["exec", name, "cat"], { input }), { code: 0, stdout: "" }, "not without -i");
});

scenario("-d returns at once, the command goes on, its failure to start is told", async (t, root) => {
  t.match(await root.tsns(["exec", "-d", name, "sh", "-c", "echo done > /tmp/flag; exec sleep 1234"]), { code: 0, stdout: "", stderr: "" });
  await waitFor("the file it makes", async () => (await root.tsns(["exec", name, "cat", "/tmp/flag"])).stdout === "done\n");
  t.match(await root.ok(["exec", name, "ps"]), /sleep 1234/);
  t.match(await root.tsns(["exec", "-d", name, "nosuch"]), { code: 1, stderr: /"nosuch".*not found/ });
  t.match(await root.tsns(["exec", "-d", name, "/etc"]), { code: 1, stderr: /permission denied/ });
  t.match(await root.tsns(["exec", "-d", "-u", "nosuch", name, "true"]), { code: 1, stderr: /user nosuch/ });
});

scenario("inspect lists the ids of those that run, as the events have them, and forgets one that is killed", async (t, root) => {
  await root.ok(["run", "-d", "--name", "listed", "--network", "none", image, "sleep", "1000"]);
  const ids = async () => JSON.parse(await root.ok(["inspect", "--format", "{{json .ExecIDs}}", "listed"]));
  t.equal(await ids(), null);
  await root.ok(["exec", "-d", "listed", "sleep", "1001"]);
  await root.ok(["exec", "-d", "listed", "sh", "-c", "sleep 1003 & sleep 1002"]);
  const attached = root.start(["exec", "-i", "listed", "sh", "-c", "echo there; cat"]);
  await once(attached.stdout, "data");
  const until = `${Math.ceil(Date.now() / 1000)}`;
  const starts = (await root.ok(["events", "--since", "0", "--until", until, "--filter", "container=listed", "--format", "json"]))
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ Action }) => Action.startsWith("exec_start"));
  const expected: string[] = starts.map(({ Actor }) => Actor.Attributes.execID);
  t.equal(expected.length, 3);
  t.strictSame((await ids()).toSorted(), expected.toSorted());

  attached.stdin.end();
  await once(attached, "close");
  await waitFor("the attached one to be gone", async () => (await ids())?.length === 2);
  const monitor = readdirSync("/proc").find((pid) => textOf(`/proc/${pid}/cmdline`).startsWith(`tsns-monitor exec ${expected[0]}`));
  process.kill(Number(monitor), "SIGKILL");
  await waitFor("the killed one to be gone", async () => (await ids())?.join() === expected[1]);
  await root.ok(["stop", "-t", "0", "listed"]);
  t.equal(await ids(), null);
});

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

scenario("it has the container's limits on what it may, and more with --privileged", async (t, root) => {
  const capabilities = ["grep", "CapEff", "/proc/self/status"];
  t.match(await root.ok(["exec", name, ...capabilities]), /00000000a80425fb/);
  t.notMatch(await root.ok(["exec", "--privileged", name, ...capabilities]), /00000000a80425fb/);
});

scenario("20 at the same time", async (t, root) => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, at) => root.tsns(["exec", "-i", name, "sh", "-c", `cat; exit ${at}`], { input: `input ${at}` })),
  );
  t.same(
    outcomes.map(({ code, stdout }) => [code, stdout]),
    outcomes.map((_, at) => [at, `input ${at}`]),
  );
});

scenario("with a terminal", async (t, root) => {
  const said = await root.tsns(["exec", "-t", name, "sh", "-c", "tty; test -t 1 && echo yes"]);
  t.match(said, { code: 0, stdout: /^\/dev\/pts\/\d+\r\nyes\r\n$/ });
  t.match(await root.tsns(["exec", "-it", name, "sh"]), {
    code: 1,
    stderr: "tsns: the input device is not a TTY (leave out -t, or run it in a terminal)\n",
  });
});

scenario("it ends with its container", async (t, root) => {
  const running = root.tsns(["exec", name, "sleep", "1000"]);
  await waitFor(
    "the command inside",
    async () =>
      (await root.ok(["top", name])).includes("sleep 1000\n") && (await root.ok(["exec", name, "ps"])).split("sleep 1000").length > 2,
  );
  await root.ok(["rm", "-f", name]);
  t.equal((await running).code, 137);
  t.match(await root.tsns(["exec", name, "true"]), { code: 1, stderr: /^tsns: No such container: host-of-exec.*\n$/ });
  await root.ok(["create", "--name", name, image, "true"]);
  t.match(await root.tsns(["exec", name, "true"]), {
    code: 1,
    stderr: /^tsns: container host-of-exec is not running \(.*tsns start.*\)\n$/,
  });
  await root.ok(["rm", name]);
});
