// The host image: a copy-on-write view of the machine itself.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

t.test("the machine's files are there, changes stay inside", needRoot, async (t) => {
  const root = makeRoot(t);
  const folder = mkdtempSync("/var/tmp/tsns-host-");
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "file"), "of the host\n");
  const script = `cat ${folder}/file; echo changed > ${folder}/file; touch ${folder}/new; rm -rf /etc/apt; cat ${folder}/file; hostname`;
  const said = await root.ok(["run", "--rm", "--network", "none", "--hostname", "sandbox", "host", "sh", "-c", script]);
  t.equal(said, "of the host\nchanged\nsandbox");
  t.equal(readFileSync(join(folder, "file"), "utf8"), "of the host\n");
  t.notOk(existsSync(join(folder, "new")));
  t.ok(existsSync("/etc/apt"));
  t.equal(
    await root.ok(["run", "--rm", "--network", "none", "host", "cat", "/etc/os-release"]),
    readFileSync("/etc/os-release", "utf8").trimEnd(),
  );
  t.equal(await root.ok(["run", "--rm", "--network", "none", "host", "uname", "-m"]), "x86_64");
});

t.test("a stopped one keeps its changes; diff shows them, running and stopped", needRoot, async (t) => {
  const root = makeRoot(t);
  const mark = basename(mkdtempSync(join(tmpdir(), "tsns-mark-")));
  t.teardown(() => rmSync(join(tmpdir(), mark), { recursive: true }));
  const script = `echo kept >> /opt/${mark}; rm -f /etc/debian_version; echo lines $(wc -l < /opt/${mark}); exec sleep 1000`;
  await root.ok(["run", "-d", "--name", "changed", "--network", "none", "host", "sh", "-c", script]);
  const expected = [`A /opt/${mark}`, "C /opt", "C /etc", "D /etc/debian_version"].sort();
  const diff = async () => (await root.ok(["diff", "changed"])).split("\n").sort();
  const logged = async (pattern: RegExp) => {
    const { untilLogged } = await import("../fixture/busybox-scenario.ts");
    await untilLogged(root, "changed", pattern);
  };
  await logged(/lines 1\n/);
  t.same(await diff(), expected, "running");
  await root.ok(["stop", "-t", "0", "changed"]);
  t.same(await diff(), expected, "stopped");
  await root.ok(["start", "changed"]);
  await logged(/lines 2\n/);
  t.same(await diff(), expected, "started again");
  t.notOk(existsSync(`/opt/${mark}`));
  t.ok(existsSync("/etc/debian_version"));
  t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes(root.path), "nothing is mounted on the host");
  const losetup = readFileSync("/proc/mounts", "utf8");
  t.notMatch(losetup, /upper\.ext4/);
  await root.ok(["rm", "-f", "changed"]);
});

t.test("its own processes and network only, and no way to what tsns keeps of others", needRoot, async (t) => {
  const root = makeRoot(t);
  const said = await root.ok([
    "run",
    "--rm",
    "--network",
    "none",
    "host",
    "sh",
    "-c",
    "ls /proc | grep -c '^[0-9]'; ls /sys/class/net; echo $$",
  ]);
  t.match(said, /^[2-5]\nlo\n1$/);
});
