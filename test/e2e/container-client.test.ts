// Streams, signals and variables that a client gives a container, and views of it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "tsns-client-"));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

scenario("files of variables and labels, annotations", async (t, root) => {
  const cwd = directory(t);
  writeFileSync(join(cwd, "env"), "# both\nA=file\nB=b c\nSEEN\nNOT_THERE\n");
  writeFileSync(join(cwd, "labels"), "one=1\ntwo=file\n");
  writeFileSync(join(cwd, "bad"), "A B=1\n");
  const options = { cwd, env: { SEEN: "here" } };
  const run = ["run", "--rm", "--network", "none", "--env-file", "env"];
  const env = (await root.ok([...run, "-e", "A=option", image, "env"], options)).split("\n");
  for (const entry of ["A=option", "B=b c", "SEEN=here"]) t.ok(env.includes(entry), entry);
  t.notOk(env.some((entry) => entry.startsWith("NOT_THERE")));
  t.match(await root.tsns(["run", "--rm", "--env-file", "bad", image, "env"], options), {
    code: 125,
    stderr: /invalid env file \(bad\): variable 'A B' contains whitespaces/,
  });
  t.match(await root.tsns(["run", "--rm", "--env-file", "nosuch", image, "env"], options), {
    code: 125,
    stderr: /open nosuch: no such file/,
  });
  const labels = ["--label-file", "labels", "-l", "two=option", "--annotation", "org.x=y"];
  await root.ok(["run", "-d", "--name", "noted", "--network", "none", ...labels, image, "sleep", "1000"], options);
  t.equal(
    await root.ok(["inspect", "-f", "{{json .Config.Labels}} {{json .HostConfig.Annotations}}", "noted"]),
    '{"one":"1","two":"option"} {"org.x":"y"}',
  );
  t.match(await root.ok(["exec", "--env-file", "env", "noted", "env"], options), /^A=file$/m);
  await root.ok(["rm", "-f", "noted"]);
});

scenario("run --attach: the streams asked for", async (t, root) => {
  const both = [image, "sh", "-c", "echo out; echo err >&2; exit 3"];
  const run = ["run", "--rm", "--network", "none"];
  t.match(await root.tsns([...run, "-a", "stdout", ...both]), { code: 3, stdout: "out\n", stderr: "" });
  t.match(await root.tsns([...run, "-a", "STDERR", ...both]), { code: 3, stdout: "", stderr: "err\n" });
  t.match(await root.tsns([...run, "-a", "stdout", "-a", "stderr", ...both]), { code: 3, stdout: "out\n", stderr: "err\n" });
  const given = await root.tsns(["run", "-a", "stdin", "-i", "--name", "fed", "--network", "none", image, "cat"], { input: "typed" });
  t.match(given, { code: 0, stdout: /^[0-9a-f]{64}\n$/ }, "who sees nothing sees its id");
  t.equal(await root.ok(["wait", "fed"]), "0");
  t.equal(await root.ok(["logs", "fed"]), "typed");
  t.equal(await root.ok(["inspect", "-f", "{{.Config.AttachStdin}} {{.Config.AttachStdout}}", "fed"]), "true false");
  await root.ok(["rm", "fed"]);
  t.match(await root.tsns(["run", "-a", "foo", image, "true"]), { code: 125, stderr: /valid streams are STDIN, STDOUT and STDERR/ });
  t.match(await root.tsns(["run", "-d", "-a", "stdin", image, "true"]), {
    code: 125,
    stderr: /conflicting options: cannot specify both --attach and --detach/,
  });
});

scenario("--sig-proxy=false: a signal ends the client, not the container", async (t, root) => {
  const running = (name: string) =>
    waitFor(`${name} runs`, async () => (await root.tsns(["inspect", "-f", "{{.State.Running}}", name])).stdout === "true\n");
  const client = root.start(["run", "--name", "spared", "--sig-proxy=false", "--network", "none", image, "sleep", "1000"]);
  const ended = outcomeOf(client, "run", 20_000);
  await running("spared");
  client.kill("SIGTERM");
  t.equal((await ended).code, 143);
  const pid = await pidOf(root, "spared");
  t.ok(pid > 0, "it still runs");
  const attached = root.start(["attach", "--sig-proxy=false", "spared"]);
  const left = outcomeOf(attached, "attach", 20_000);
  await waitFor(
    "it is attached",
    async () =>
      (await root.ok(["events", "--since", "1h", "--until", "0s", "-f", "container=spared", "-f", "event=attach"])).split("\n").length > 1,
  );
  attached.kill("SIGINT");
  t.equal((await left).code, 130);
  t.equal(await pidOf(root, "spared"), pid);
  await root.ok(["rm", "-f", "spared"]);
});

scenario("ps: sizes, filters, fields; top with options of ps; inspect of any kind", async (t, root) => {
  await root.ok(["create", "--name", "older", "--network", "none", image, "true"]);
  await root.ok(["run", "-d", "--name", "newer", "--network", "none", "-v", "kept:/data", "--expose", "53/udp", image, "sleep", "1000"]);
  await root.ok(["exec", "newer", "dd", "if=/dev/zero", "of=/root/file", "bs=1000", "count=5"]);
  const names = async (...filters: string[]) =>
    (await root.ok(["ps", "-a", "--format", "{{.Names}}", ...filters.flatMap((filter) => ["-f", filter])])).split("\n").filter(Boolean);
  t.same(await names("before=newer"), ["older"]);
  t.same(await names("since=older"), ["newer"]);
  t.same(await names("volume=kept"), ["newer"]);
  t.same(await names("volume=/data"), ["newer"]);
  t.same(await names("network=none"), ["newer", "older"]);
  t.same(await names("expose=53/udp"), ["newer"]);
  t.same(await names("publish=80"), []);
  t.same(await names("health=none", "is-task=false"), ["newer", "older"]);
  t.match(await root.tsns(["ps", "-f", "since=nosuch"]), { code: 1, stderr: /No such container: nosuch/ });
  t.match(await root.ok(["ps", "-s"]), /NAMES +SIZE\n.*newer +5kB \(virtual [\d.]+MB\)/);
  t.match(await root.ok(["ps", "--format", "{{.LocalVolumes}} {{.Mounts}} {{.Platform}} {{.Size}}"]), /^1 kept linux\/\w+ 5kB \(virtual/);
  t.match(await root.ok(["inspect", "-s", "-f", "{{.SizeRw}} {{gt .SizeRootFs .SizeRw}}", "newer"]), "5000 true");
  t.match(await root.ok(["top", "newer", "-o", "pid,args"]), /^PID +COMMAND\n\d+ +sleep 1000\n?$/);
  t.match(await root.ok(["top", "newer", "aux"]), /^USER +PID.*\n.*sleep 1000\n?$/);
  t.match(await root.tsns(["top", "newer", "-o", "args"]), { code: 1, stderr: /Couldn't find PID field in ps output/ });
  t.match(await root.tsns(["top", "newer", "--no-such"]), { code: 1, stderr: /error running ps/ });
  t.match(await root.ok(["inspect", "--type", "volume", "-f", "{{.Name}}", "kept"]), "kept");
  t.match(await root.ok(["inspect", "-f", "{{.Name}}", "kept"]), "kept");
  t.match(await root.tsns(["inspect", "--type", "network", "kept"]), { code: 1, stderr: /network kept not found/ });
  await root.ok(["rm", "-f", "newer", "older"]);
  await root.ok(["volume", "rm", "kept"]);
});
