// Binds on a real kernel, in namespaces of the test's own: made, seen, busy, undone; the shell that is shown does the same.
import "../fixture/fresh-namespaces.ts";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { type BindRequest, bindMount } from "../../src/engine/mount/bind.ts";
import { listMounts } from "../../src/engine/mount/list.ts";
import { removeMounts } from "../../src/engine/mount/remove.ts";
import { whoUses } from "../../src/engine/mount/who.ts";
import * as explainer from "../../src/plan/explain.ts";
import { listJournalOwners } from "../../src/store/journal.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const top = realpathSync(mkdtempSync(`${tmpdir()}/tsns-mount-`));
t.teardown(() => rmSync(top, { recursive: true, force: true }));
const engine = openEngine(`${top}/root`);
const plain = { recursive: false, readOnly: false };
const source = `${top}/source`;
mkdirSync(`${source}/below`, { recursive: true });
writeFileSync(`${source}/file`, "text");

const targets = () =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? []);
const bind = (request: Partial<BindRequest> & { target: string }) => bindMount(engine, { source, ...plain, ...request });
const unmount = (target: string, more: object = {}) => removeMounts(engine, { target, recursive: false, lazy: false, ...more });

t.test("a mount point is made, and removed with the mount", needRoot, async (t) => {
  const before = targets();
  await bind({ target: `${top}/a/b`, readOnly: true, propagation: "slave" });
  t.equal(readFileSync(`${top}/a/b/file`, "utf8"), "text");
  t.throws(() => writeFileSync(`${top}/a/b/x`, ""), { code: "EROFS" });
  t.same(listJournalOwners(engine.store), [`mount:${top}/a/b`], "doctor can see it");
  const [view] = listMounts(engine, { all: false, path: `${top}/a/b` });
  t.match(view, { target: `${top}/a/b`, root: source.slice(mountTarget(source).length) || "/", options: /ro/ });
  await unmount(`${top}/a/b`);
  t.notOk(existsSync(`${top}/a`));
  t.same(targets(), before);
  t.same(listJournalOwners(engine.store), []);
});

function mountTarget(path: string): string {
  const target = targets()
    .filter((one) => one === "/" || path.startsWith(`${one}/`))
    .sort((a, b) => b.length - a.length)[0];
  return target === "/" ? "" : (target ?? "");
}

t.test("files, links, the tree below", needRoot, async (t) => {
  await bind({ source: `${source}/file`, target: `${top}/one` });
  t.equal(readFileSync(`${top}/one`, "utf8"), "text");
  mkdirSync(`${top}/real`);
  symlinkSync("real", `${top}/link`);
  await bind({ target: `${source}/below`, source: `${top}/real` });
  await bind({ target: `${top}/link/deep`, recursive: true, readOnly: true });
  t.ok(targets().includes(`${top}/real/deep/below`), "links of the target are followed, mounts below the source come along");
  t.throws(() => writeFileSync(`${top}/real/deep/below/x`, ""), { code: "EROFS" }, "read-only all the way down");
  await t.rejects(unmount(`${top}/real/deep`), { code: "mounts-below", message: /deep\/below/ });
  await unmount(`${top}/real/deep`, { recursive: true });
  await unmount(`${source}/below`);
  await unmount(`${top}/one`);
  t.notOk(existsSync(`${top}/one`));
});

t.test("a busy mount says who has it", needRoot, async (t) => {
  await bind({ target: `${top}/busy` });
  const child = spawn("sleep", ["60"], { cwd: `${top}/busy`, stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  const users = await waitFor("sleep in the mount", () => {
    const found = whoUses(engine, `${top}/busy`).filter(({ pid, kind }) => pid === child.pid && kind === "cwd");
    return found.length > 0 && found;
  });
  t.match(users[0], { path: `${top}/busy`, owner: { engine: "other", name: "sleep" } });
  await t.rejects(unmount(`${top}/busy`), { code: "mount-busy", message: new RegExp(`sleep \\(pid ${child.pid}\\): cwd`) });
  await unmount(`${top}/busy`, { lazy: true });
  t.notOk(targets().includes(`${top}/busy`));
});

/** A sleep in a mount namespace of its own, whose mounts have been made private. */
async function startElsewhere(t: Test): Promise<ChildProcess> {
  const child = spawn("unshare", ["--mount", "--propagation", "private", "sleep", "60"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  const own = readlinkSync("/proc/self/ns/mnt");
  await waitFor("a namespace of its own", () => {
    return readlinkSync(`/proc/${child.pid}/ns/mnt`) !== own && readFileSync(`/proc/${child.pid}/comm`, "utf8") === "sleep\n";
  });
  return child;
}

t.test("another namespace: a bind reaches into it, a look sees it", needRoot, async (t) => {
  const child = await startElsewhere(t);
  const reference = String(child.pid);
  await bind({ target: `${top}/inside`, reference, readOnly: true });
  t.notOk(targets().includes(`${top}/inside`), "not here");
  t.equal(readFileSync(`/proc/${child.pid}/root${top}/inside/file`, "utf8"), "text");
  const found = listMounts(engine, { all: true }).filter(({ target }) => target === `${top}/inside`);
  t.match(found, [{ namespace: { isOwn: false, pid: child.pid } }]);
  const users = whoUses(engine, source).filter(({ kind }) => kind === "mount");
  t.match(users, [{ path: `${top}/inside`, namespace: found[0]?.namespace.inode }]);
  t.same(listJournalOwners(engine.store), [], "it dies with the namespace");
  await t.rejects(bind({ target: "/../..", reference }), { code: "root-mount", message: / in process \d+$/ });
  await unmount(`${top}/inside`, { reference });
  t.notOk(readFileSync(`/proc/${child.pid}/mountinfo`, "utf8").includes("/inside "));
});

t.test("bad input leaves nothing", needRoot, async (t) => {
  const before = targets();
  await t.rejects(bind({ source: `${top}/nowhere`, target: `${top}/new` }), { code: "kernel-enoent", message: /nowhere/ });
  await t.rejects(bind({ target: `${source}/file` }), { code: "wrong-target-type" });
  await t.rejects(bind({ target: `${source}/file/x` }), { code: "kernel-enotdir" });
  await t.rejects(bind({ target: "/proc/1/nothing/x" }), { message: /^mkdir / });
  await t.rejects(unmount(top), { code: "not-mounted" });
  await t.rejects(unmount("/"), { code: "root-mount" });
  symlinkSync("/", `${top}/slash`);
  await t.rejects(bind({ target: `${top}/slash` }), { code: "root-mount", message: /will not mount over the root file system/ });
  await t.rejects(bind({ target: "/proc/self/root" }), { code: "root-mount" }, "nor by a link of the kernel's");
  await t.rejects(bind({ target: `${top}/new`, reference: "99999999" }));
  t.notOk(existsSync(`${top}/new`));
  t.same(targets(), before);
  t.same(listJournalOwners(engine.store), []);
});

t.test("what is made before a failure is undone", needRoot, async (t) => {
  const failing: Engine = openEngine(`${top}/root`, {
    kernel: {
      async perform(step) {
        if (step.kind === "mount.bind") throw new Error("no");
        const { realKernel } = await import("../../src/kernel/apply.ts");
        await realKernel.perform(step);
      },
    },
  });
  await t.rejects(bindMount(failing, { source, target: `${top}/x/y`, ...plain }), /no/);
  t.notOk(existsSync(`${top}/x`));
  t.same(listJournalOwners(engine.store), []);
  failing[Symbol.dispose]();
});

t.test("the shell that is shown has the same effect", needRoot, async (t) => {
  let script = "";
  const showing = openEngine(`${top}/root`, {
    mode: { dryRun: true, explain: "sh", timings: false },
    explainer,
    print: (text) => {
      script += text;
    },
  });
  const child = await startElsewhere(t);
  const shape = (pid: string, target: string) =>
    readFileSync(`/proc/${pid}/mountinfo`, "utf8")
      .split("\n")
      .filter((line) => line.includes(` ${target}`))
      .map((line) => line.split(" ").slice(2).join(" "));
  for (const [reference, request] of [
    [undefined, { readOnly: true, recursive: false, propagation: "private" }],
    [undefined, { readOnly: true, recursive: true }],
    [String(child.pid), { readOnly: true, recursive: true, propagation: "unbindable" }],
  ] as const) {
    const whole = { source, target: `${top}/sh/point`, ...request, ...(reference === undefined ? {} : { reference }) };
    const seen = reference ?? "self";
    script = "";
    await bindMount(showing, whole);
    t.same(shape(seen, `${top}/sh`), [], "a dry run changes nothing");
    const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    t.same({ status, stderr }, { status: 0, stderr: "" }, script);
    const byShell = shape(seen, `${top}/sh`);
    await unmount(`${top}/sh/point`, { recursive: true, ...(reference === undefined ? {} : { reference }) });
    spawnSync("rm", ["-r", `${top}/sh`]);
    await bindMount(engine, whole);
    t.same(shape(seen, `${top}/sh`), byShell);
    t.equal(byShell.length, 1);
    await unmount(`${top}/sh/point`, { recursive: true, ...(reference === undefined ? {} : { reference }) });
    spawnSync("rm", ["-r", `${top}/sh`]);
  }
});
