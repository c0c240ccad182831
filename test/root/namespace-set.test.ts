// Named sets on the real kernel: made, entered, translated, removed; and by the shell commands that --explain=sh prints.
// /run/tsns is this file's own: a tmpfs in its mount namespace.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { findLeftovers } from "../../src/engine/doctor/doctor.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { createSet, planSet, removeSet } from "../../src/engine/namespace/create.ts";
import { findNamespace, findNamespaces } from "../../src/engine/namespace/find.ts";
import { readIdSpace } from "../../src/engine/namespace/idmap.ts";
import { readNamespaceMounts } from "../../src/kernel/proc/namespace-file.ts";
import { readHolder } from "../../src/kernel/proc/namespace-holder.ts";
import { parseIdMapWords } from "../../src/namespace/id-map.ts";
import { setDirectory, setFile } from "../../src/namespace/set.ts";
import { namespaceKinds } from "../../src/namespace/spec.ts";
import { scriptOfPlan } from "../../src/plan/explain.ts";
import { listJournalOwners, readJournal } from "../../src/store/journal.ts";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const all = namespaceKinds;
const map = parseIdMapWords(["0:100000:1000"]);
const none = { uidMap: [], gidMap: [] };
const root = mkdtempSync(join(tmpdir(), "tsns-ns-"));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

function run(argv: readonly string[], input?: string) {
  const [program = "", ...args] = argv;
  const result = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, TSNS_ROOT: root },
    ...(input === undefined ? {} : { input }),
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}
const tsns = (...args: string[]) => run([command, ...args]);
const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");

if (needRoot.skip === false) {
  mkdirSync("/run/tsns", { recursive: true });
  run(["mount", "-t", "tmpfs", "tmpfs", "/run/tsns"]);
  t.after(() => {
    run(["umount", "/run/tsns"]);
    // another test may have its sets there
    if (readdirSync("/run/tsns").length === 0) rmdirSync("/run/tsns");
  });
}

t.test("a set of every kind", needRoot, async (t) => {
  using engine = openEngine(root);
  const before = mounts();
  await createSet(engine, "every", { kinds: all, uidMap: map, gidMap: map });
  t.same(listJournalOwners(engine.store), ["namespace:every"]);
  t.same(new Set(findNamespaces(engine, "every").map(({ kind }) => kind)), new Set(all));
  for (const kind of all) {
    const { inode } = findNamespace(engine, kind, "every");
    t.not(readlinkSync(`/proc/self/ns/${kind}`), `${kind}:[${inode}]`, `${kind} is a new one`);
    t.equal(findNamespace(engine, kind, String(inode)).inode, inode, "by its number");
    t.equal(findNamespace(engine, kind, setFile("every", kind)).inode, inode, "by its file");
  }
  t.same(readIdSpace(engine, "every").maps, { uid: map, gid: map });
  t.match(tsns("ns", "idmap", "every", "--uid", "7", "-q"), { code: 0, stdout: "100007\n" });
  t.match(tsns("ns", "idmap", "self", "--to", "every", "--gid", "100999", "-q"), { code: 0, stdout: "999\n" });
  t.match(tsns("ns", "idmap", "every", "--uid", "1000"), { code: 1, stderr: /^tsns: uid 1000 of namespace every is not mapped[^\n]*\n$/ });

  const holder = readHolder(setDirectory("every"));
  t.match(readFileSync(`/proc/${holder?.pid}/comm`, "utf8"), "tsns-hold");
  t.equal(readFileSync(`/proc/${holder?.pid}/cmdline`, "utf8").replaceAll("\0", ""), "tsns-hold");
  t.match(tsns("ns", "enter", "every", "sh", "-c", "id -u; echo $$; hostname inside; exit 5"), { code: 5, stdout: "0\n2\n" });
  t.match(tsns("ns", "enter", "every", "--uts", "--", "hostname"), { code: 0, stdout: "inside\n" });
  t.match(tsns("ns", "enter", "--pid", "every", "--", "sh", "-c", "kill -TERM $$"), { code: 143 });

  await removeSet(engine, "every", false);
  t.equal(mounts(), before, "the mount table is as it was");
  t.same(listJournalOwners(engine.store), []);
  t.notOk(existsSync("/run/tsns/ns"));
});

t.test("what is mounted in a set stays in it", needRoot, async (t) => {
  using engine = openEngine(root);
  const shared = join(root, "shared");
  mkdirSync(shared);
  run(["sh", "-c", `mount -t tmpfs tmpfs ${shared} && mount --make-shared ${shared}`]);
  t.teardown(() => run(["umount", "-l", shared]));
  await createSet(engine, "quiet", { ...none, kinds: ["mnt"] });
  const script = `mkdir ${shared}/in && mount -t tmpfs tmpfs ${shared}/in && grep -c ${shared}/in /proc/self/mountinfo`;
  t.match(tsns("ns", "enter", "quiet", "sh", "-c", script), { code: 0, stdout: "1\n" });
  t.notMatch(mounts(), `${shared}/in`);
  t.match(
    tsns("ns", "enter", "quiet", "grep", "-c", `${shared}/in`, "/proc/self/mountinfo"),
    { code: 0, stdout: "1\n" },
    "and is still there",
  );
  await removeSet(engine, "quiet", false);
});

t.test("processes in the pid namespace are not killed without --force", needRoot, async (t) => {
  using engine = openEngine(root);
  await createSet(engine, "busy", { ...none, kinds: ["pid"] });
  const inside = tsns("ns", "enter", "busy", "--", "sh", "-c", "sleep 100 >/dev/null 2>&1 & echo started");
  t.match(inside, { code: 0, stdout: "started\n" });
  await t.rejects(removeSet(engine, "busy", false), {
    kind: "conflict",
    code: "namespace-busy",
    message: /live in the pid namespace of busy$/,
  });
  t.ok(existsSync(setFile("busy", "pid")));
  await removeSet(engine, "busy", true);
  t.notOk(existsSync(setDirectory("busy")));
});

t.test("nothing is left of what could not be made", needRoot, async (t) => {
  using engine = openEngine(root);
  const before = mounts();
  const twice = [
    { inner: 0, outer: 1, count: 1 },
    { inner: 0, outer: 2, count: 1 },
  ];
  const refused = createSet(engine, "bad", { kinds: ["user", "net"], uidMap: twice, gidMap: map });
  await t.rejects(refused, { code: "kernel-einval", message: /uid_map/ }, "by the kernel, after the namespaces were made");
  await t.rejects(createSet(engine, "5", { ...none, kinds: ["net"] }), { code: "bad-name", exitCode: 2 });
  await t.rejects(createSet(engine, "a/b", { ...none, kinds: ["net"] }), { code: "bad-name" });
  await t.rejects(createSet(engine, "empty", { ...none, kinds: [] }), { code: "no-namespace-kind", exitCode: 2 });
  await t.rejects(createSet(engine, "maps", { kinds: ["net"], uidMap: map, gidMap: [] }), { code: "map-without-user", exitCode: 2 });
  await t.rejects(removeSet(engine, "nobody", false), { code: "no-such-namespace", message: /named nobody$/ });
  t.equal(mounts(), before);
  t.same(listJournalOwners(engine.store), []);
});

t.test("a create that was killed is undone by its journal", needRoot, async (t) => {
  using engine = openEngine(root);
  const before = mounts();
  await createSet(engine, "lost", { ...none, kinds: ["net", "pid", "uts"] });
  await t.rejects(createSet(engine, "lost", { ...none, kinds: ["net"] }), { kind: "conflict", message: /named lost already$/ });
  t.same(await findLeftovers(engine), [], "a whole set is nothing left over");
  process.kill(readHolder(setDirectory("lost"))?.pid ?? 0, "SIGKILL");
  const findings = await waitFor("the doctor to see it", async () => {
    const found = await findLeftovers(engine);
    return found.length > 0 ? found : undefined;
  });
  t.match(findings, [{ kind: "namespace set", object: "lost", proof: "process 1 of its pid namespace has ended", owner: "tsns" }]);
  await findings[0]?.fix?.();
  t.same(await findLeftovers(engine), []);
  t.equal(mounts(), before);

  await createSet(engine, "lost", { ...none, kinds: ["net", "pid", "uts"] });
  const undo = readJournal(engine.store, "namespace:lost") ?? [];
  for (const step of [...undo, ...undo]) await engine.apply({ steps: [{ step, because: "twice" }] });
  t.equal(mounts(), before);
});

t.test("the shell script has the same effect", needRoot, async (t) => {
  using engine = openEngine(root);
  const before = mounts();
  const most = all.filter((kind) => kind !== "mnt");
  for (const kinds of [["net", "uts", "mnt"] as const, most]) {
    const request = kinds === most ? { kinds, uidMap: map, gidMap: map } : { kinds, ...none };
    const script = scriptOfPlan(planSet("byhand", request));
    const removal = scriptOfPlan({
      steps: [{ step: { kind: "namespace.remove", directory: setDirectory("byhand"), kinds }, because: "x" }],
    });
    let made = run(["sh"], script);
    // Linux 6.18 may take a new mount namespace for older than this one when another processor made it, and refuses the bind
    for (let cpu = 0; made.code !== 0 && cpu < cpus().length; cpu++) {
      run(["sh"], removal);
      made = run(["taskset", "-c", `${cpu}`, "sh"], script);
    }
    t.match(made, { code: 0, stderr: "" }, script);
    t.same(new Set(readNamespaceMounts().map(({ kind }) => kind)), new Set(kinds));
    if (kinds === most) t.same(readIdSpace(engine, "byhand").maps, { uid: map, gid: map });
    t.equal(readHolder(setDirectory("byhand")) !== undefined, kinds === most, "only a pid namespace has a holder");
    t.match(tsns("ns", "enter", "byhand", "true"), { code: 0 });
    t.match(run(["sh"], removal), { code: 0, stderr: "" }, removal);
    t.equal(mounts(), before);
  }
});

t.test("a command in new namespaces, and as the shell does it", needRoot, async (t) => {
  const words = [
    "--user",
    "--pid",
    "--mnt",
    "--map-uid",
    "0:100000:10",
    "--",
    "sh",
    "-c",
    "id -u; id -g; cat /proc/self/uid_map; echo $$; exit 3",
  ];
  const own = tsns("ns", "create", ...words);
  t.match(own, { code: 3, stdout: /^0\n0\n +0 +100000 +10\n1\n$/ });
  const script = tsns("ns", "create", "--dry-run", "--explain=sh", ...words).stdout;
  t.match(run(["sh"], script), { code: 3, stdout: own.stdout }, script);
  t.match(tsns("ns", "create", "--net", "--", "nosuch"), { code: 127, stderr: "tsns: cannot run nosuch: no such program\n" });
  t.match(tsns("ns", "create", "--net", "--", "/etc/passwd"), { code: 126 });
  t.match(tsns("ns", "create", "--net", "a", "b"), { code: 2, stderr: /^tsns: [^\n]*\n$/ });
  const here = `${process.pid}`;
  for (const [words, message] of [
    [["-w", "/tmp", "--", "pwd"], /-w is not a command: options go before the reference/],
    [["--net", "--timings", "--", "true"], /--timings is not a command: options go before/],
    [["--net", "ip", "link"], /--net is not a command: give --net before the reference, or -- before the command/],
  ] as const) {
    t.match(tsns("ns", "enter", here, ...words), { code: 2, stderr: message });
  }
  t.match(tsns("ns", "enter", here, "--net", "--", "echo", "--net"), { code: 0, stdout: "--net\n" });
  t.match(tsns("ns", "enter", here, "echo", "--", "-w"), { code: 0, stdout: "-- -w\n" });
});

t.test("an ordinary user", needRoot, async (t) => {
  const script = join(root, "..", `tsns-ns-${process.pid}.sh`);
  writeFileSync(script, `${command} "$@"\n`);
  t.teardown(() => rmSync(script));
  const asUser = (...args: string[]) =>
    run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "TSNS_ROOT=/nonexistent", "sh", script, ...args]);
  t.match(asUser("ns", "create", "mine", "--net"), { code: 1, stderr: /^tsns: a named set of namespaces needs root[^\n]*\n$/ });
  t.match(asUser("ns", "create", "--net", "--", "true"), {
    code: 1,
    stderr: /^tsns: making namespaces needs root[^\n]*add --user[^\n]*\n$/,
  });
  t.match(asUser("ns", "create", "--user", "--net", "--", "id", "-u"), { code: 0, stdout: "0\n" });
  t.match(asUser("ns", "enter", "1", "--", "true"), {
    code: 1,
    stderr: /^tsns: the namespaces of process 1 are not yours to see[^\n]*\n$/,
  });
  t.match(asUser("ns", "ls", "--format", "{{.Type}}"), { code: 0, stdout: /^user$/m });
  t.match(asUser("who", "1"), { code: 0 });
});
