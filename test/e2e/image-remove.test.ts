// Removing images when things go wrong: killed at any system call, beside a command that holds blobs, while a container uses them, from a
// plan that is no longer true. The store is whole after each, and the next command puts it in order.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import t, { type Test } from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, sha256 } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";
import { faultsOf, rowsOf, traced } from "./fault-lab.ts";

const layers = [
  makeBusyboxTar(),
  makeTar([{ path: "etc/two", type: "file", data: "2\n" }]),
  makeTar([{ path: "etc/three", type: "file", data: "3\n" }]),
];
const [base = Buffer.alloc(0), two = Buffer.alloc(0), three = Buffer.alloc(0)] = layers;
const archive = makeDockerArchive([
  { layers: [base, two], tags: ["app:1", "app:2"] },
  { layers: [base, three], tags: ["kept"] },
]);

const filesOf = (root: DataRoot, folder: string) => (existsSync(`${root.path}/${folder}`) ? readdirSync(`${root.path}/${folder}`) : []);

/** What must be true at any time: every image that is listed has its configuration and its layers. */
async function checkWhole(t: Test, root: DataRoot, said: string) {
  for (const row of rowsOf(root, "image")) {
    t.ok(filesOf(root, "blobs/sha256").includes(String(row.id).slice(7)), `${said}: the configuration is there`);
    for (const diffId of (JSON.parse(String(row.record)) as { diffIds: string[] }).diffIds)
      t.ok(filesOf(root, "layers").includes(diffId.slice(7, 39)), `${said}: the layer is there`);
  }
  t.equal(await root.ok(["run", "--rm", "--network", "none", "kept", "cat", "/etc/three"]), "3", `${said}: the other image runs`);
}

async function checkClean(t: Test, root: DataRoot, said: string) {
  t.equal(await root.ok(["doctor"]), "nothing is left over", said);
  t.match(await root.ok(["system", "df", "--reconcile"]), /\nunattributed: 0$/, said);
}

for (const args of [
  ["rmi", "-f"],
  ["image", "prune", "-a", "-f", "--filter", "label!=x"],
]) {
  t.test(`${args.join(" ")}, killed`, needRoot, async (t) => {
    const root = makeRoot(t);
    writeFileSync(`${root.path}/archive`, archive);
    const load = () => root.ok(["load", "-q", "-i", `${root.path}/archive`]);
    await load();
    const id = await root.ok(["images", "-q", "--no-trunc", "app:1"]);
    await root.ok(["create", "--name", "user", "kept"]);
    const words = args[0] === "rmi" ? [...args, id] : args;
    const changing = ["rename", "pwrite64", "unlink", "rmdir", "ftruncate", "fsync"];
    const whole = await traced(root, words, changing);
    t.equal(whole.code, 0, whole.stderr);
    let killed = 0;
    for (const fault of faultsOf(whole.calls, 6)) {
      const said = `after a kill at ${fault.call} ${fault.at}`;
      await load();
      if ((await traced(root, words, [fault.call], fault)).killed) killed++;
      await checkWhole(t, root, said);
      const left = await root.ok(["images", "-q", "--no-trunc", "app"]);
      t.ok(left === "" || left === `${id}\n${id}`, `${said}: all of it or nothing`);
      if (fault.at % 2 === 0) await root.ok(["doctor", "--fix"]);
      await root.ok(["image", "prune", "-a", "-f"]);
      t.equal(filesOf(root, "blobs/sha256").length, 1, `${said}: the next prune leaves one image`);
      t.same(
        filesOf(root, "layers")
          .filter((name) => !name.includes("."))
          .sort(),
        [base, three].map((layer) => sha256(layer).slice(0, 32)).sort(),
        said,
      );
      t.equal(await root.ok(["doctor"]), "nothing is left over", said);
    }
    t.ok(killed > 3, `${killed} faults were met`);
    await root.ok(["rm", "user"]);
    rmSync(`${root.path}/archive`);
    await checkClean(t, root, "at the end");
  });
}

/** The start time of a process as the store notes it (proc_pid_stat(5), field 22). */
function startTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}

async function end(child: ChildProcess) {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

t.test("beside a command that holds blobs", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load", "-q"], { input: archive });
  const bytes = Buffer.from("a layer on its way");
  const hex = sha256(bytes);
  writeFileSync(`${root.path}/blobs/sha256/${hex}`, bytes, { mode: 0o600 });
  const puller = spawn("sleep", ["1000"]);
  const { pid = 0 } = puller;
  {
    using store = new DatabaseSync(`${root.path}/store.db`);
    const hold = store.prepare("INSERT INTO blob_hold (digest, pid, start_time) VALUES (?, ?, ?)");
    hold.run(`sha256:${hex}`, pid, startTimeOf(pid));
    hold.run(`sha256:${sha256(two)}`, pid, startTimeOf(pid));
    // What a killed one held does not count; nor does a process that has the same number by now.
    hold.run(`sha256:${"e".repeat(64)}`, 1, 1);
  }
  await root.ok(["system", "prune", "-a", "-f"]);
  t.same(filesOf(root, "blobs/sha256"), [hex], "the held blob alone stays");
  t.same(
    filesOf(root, "layers").filter((name) => !name.includes(".")),
    [sha256(two).slice(0, 32)],
    "and the held layer",
  );
  t.equal(rowsOf(root, "blob_hold").length, 2, "the hold of a dead process is forgotten");
  await checkClean(t, root, "a hold is nothing left over");
  await end(puller);
  const found = await root.tsns(["doctor"]);
  t.equal(found.code, 1);
  t.match(found.stdout, new RegExp(hex), "of a dead process it is");
  await root.ok(["doctor", "--fix"]);
  t.same([...filesOf(root, "blobs/sha256"), ...filesOf(root, "layers")], []);
  await checkClean(t, root, "repaired");
});

t.test("while containers use it", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load", "-q"], { input: archive });
  await root.ok(["create", "--name", "still", "--network", "none", "app:1", "cat", "/etc/two"]);
  await root.ok(["run", "-d", "--name", "busy", "--network", "none", "kept", "sleep", "1000"]);
  const refuses = async (args: readonly string[], message: RegExp) => {
    const { code, stderr, stdout } = await root.tsns(args);
    t.equal(code, 1, args.join(" "));
    t.equal(stdout, "");
    t.match(stderr, message);
  };
  await refuses(["rmi", "kept"], /unable to remove repository reference "kept:latest" \(must force\) - container busy \(/);
  const kept = await root.ok(["images", "-q", "kept"]);
  await refuses(["rmi", "-f", kept], /\(cannot be forced\) - image is being used by running container busy/);
  const app = await root.ok(["images", "-q", "--no-trunc", "app:1"]);
  await refuses(
    ["rmi", app.slice(7, 12)],
    /\(must be forced\) - image is referenced in multiple repositories|is being used by stopped container still/,
  );
  t.equal(await root.ok(["rmi", "-f", app]), `Untagged: app:1\nUntagged: app:2\nDeleted: ${app}`);
  t.equal(await root.ok(["images", "-aq", "app"]), "");
  await refuses(["image", "inspect", "--format", "x", app], /No such image/);
  await root.ok(["image", "prune", "-a", "-f"]);
  await checkClean(t, root, "its container keeps it");
  t.equal(await root.ok(["start", "-a", "still"]), "2", "which starts with its files");
  await root.ok(["rm", "still"]);
  t.notOk(filesOf(root, "blobs/sha256").includes(app.slice(7)), "with the container the files go");
  t.notOk(filesOf(root, "layers").includes(sha256(two).slice(0, 32)));
  await root.ok(["rm", "-f", "busy"]);
  const target = await root.ok(["image", "mount", "kept"]);
  await refuses(["rmi", "kept"], /is mounted on /);
  for (const words of [
    ["image", "prune"],
    ["system", "prune"],
  ]) {
    const { stdout, stderr } = await root.tsns([...words, "-a", "-f"]);
    t.equal(stdout, "Total reclaimed space: 0B\n", "what is mounted is used");
    t.match(stderr, /^WARNING: image \S+ is not removed: it is mounted on \S+\n$/, "and that is said");
  }
  const { stdout, stderr } = await root.tsns(["image", "prune", "--filter", "dangling=false", "--dry-run"]);
  t.notMatch(stdout, /image\.remove/);
  t.match(stderr, /is not removed: it is mounted on/);
  t.match(await root.ok(["df", "--reconcile"]), /\nunattributed: 0$/, "also while it is mounted");
  await root.ok(["image", "unmount", target]);
  await root.ok(["rmi", "kept"]);
  await checkClean(t, root, "at the end");
});

t.test("a plan is removed exactly, or not at all", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load", "-q"], { input: archive });
  await root.ok(["create", "--name", "gone", "app:1"]);
  await root.ok(["rmi", "kept"]);
  mkdirSync(`${root.path}/tmp`, { recursive: true });
  writeFileSync(`${root.path}/tmp/1-1-abc`, "left");
  const plan = `${root.path}/plan.json`;
  const shown = await root.ok(["prune", "-a", "--dry-run", "--plan", plan]);
  t.match(shown, /image\.untag[\s\S]*image\.remove[\s\S]*tree\.remove/);
  t.match(JSON.parse(readFileSync(plan, "utf8")), { version: 1, containers: [{ name: "gone" }], images: [{ names: ["app:1", "app:2"] }] });
  t.equal(rowsOf(root, "image").length, 1, "a dry run removes nothing");
  const refuses = async (make: readonly string[], undo: readonly string[], reason: RegExp) => {
    await root.ok(make);
    const { code, stderr } = await root.tsns(["prune", "--apply", plan]);
    t.equal(code, 1);
    t.match(stderr, reason);
    t.equal(rowsOf(root, "container").length >= 1 && rowsOf(root, "image").length === 1, true, "nothing was removed");
    await root.ok(undo);
  };
  await refuses(["tag", "app:1", "new"], ["rmi", "new"], /nothing was removed: image app:1 got the name new:latest meanwhile/);
  await refuses(["create", "--name", "fresh", "app:1"], ["rm", "fresh"], /image app:1 is used by the container fresh meanwhile/);
  await root.ok(["import", "-", "late"], { input: three });
  const said = await root.ok(["prune", "--apply", plan]);
  t.match(
    said,
    /^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Images:\nuntagged: app:1\nuntagged: app:2\ndeleted: sha256:[\s\S]*\n\nTotal reclaimed space: \d/,
  );
  t.same(rowsOf(root, "image").length, 1, "what came later stays");
  t.same(filesOf(root, "tmp"), []);
  t.equal(await root.ok(["prune", "--apply", plan]), "Total reclaimed space: 0B", "again: it is gone already");
  const wrong = await root.tsns(["prune", "--apply", "/nonexistent"]);
  t.match(wrong, { code: 1, stderr: /cannot read the plan \/nonexistent/ });
  rmSync(plan);
  await checkClean(t, root, "at the end");
});

t.test("every byte has a reason, or is named", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load", "-q"], { input: archive });
  await root.ok(["run", "--name", "one", "--network", "none", "app:1", "sh", "-c", "echo x > /file; echo said"]);
  const { stdout } = await root.tsns(["system", "df", "--reconcile", "--json"]);
  const found = JSON.parse(stdout) as { accounts: { kind: string; bytes: number }[]; totalBytes: number };
  t.match(found, { unattributedBytes: 0, unattributed: [] });
  t.equal(
    found.accounts.reduce((sum, { bytes }) => sum + bytes, 0),
    found.totalBytes,
  );
  for (const kind of ["database", "layers: unpacked", "blobs: configuration", "containers: writable layers", "containers: logs"])
    t.ok(
      found.accounts.some((account) => account.kind === kind && account.bytes > 0),
      kind,
    );
  writeFileSync(`${root.path}/mine`, Buffer.alloc(5000));
  writeFileSync(`${root.path}/blobs/sha256/mine`, "x");
  const named = await root.tsns(["system", "df", "--reconcile"]);
  t.equal(named.code, 1);
  t.match(named.stdout, new RegExp(`unattributed: 12288\n {2}${root.path}/blobs/sha256/mine\n {2}${root.path}/mine\n$`));
  rmSync(`${root.path}/mine`);
});
