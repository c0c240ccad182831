// Overlays on a real kernel, in namespaces of the test's own: stacked, changed, compared, packed, applied again.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { applyLayer, commitLayer } from "../../src/engine/layer/archive.ts";
import { listLayers } from "../../src/engine/layer/list.ts";
import { findOverlayOf } from "../../src/engine/layer/locate-mount.ts";
import { diffLayer, findOrigin, measure } from "../../src/engine/layer/look.ts";
import { type StackRequest, stackLayers } from "../../src/engine/layer/stack.ts";
import { removeMounts } from "../../src/engine/mount/remove.ts";
import { walkLayer } from "../../src/kernel/layer/walk.ts";
import { applyNodes } from "../../src/kernel/tree/node-batch.ts";
import { isOpaque, isOwnAttribute, isWhiteout } from "../../src/layer/entry.ts";
import * as explainer from "../../src/plan/explain.ts";
import { listJournalOwners } from "../../src/store/journal.ts";
import { makeTar } from "../fixture/busybox.ts";
import { needRoot } from "../fixture/root.ts";

const top = realpathSync(mkdtempSync(`${tmpdir()}/tsns-layer-`));
t.teardown(() => rmSync(top, { recursive: true, force: true }));
const engine = openEngine(`${top}/root`);
const sh = (script: string) => {
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", script], { cwd: top, encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
};
const again = () => [];
const at = (reference: string) => ({ reference, cwd: top, again });
const stack = (request: Partial<StackRequest>) =>
  stackLayers(engine, { lower: [], target: `${top}/merged`, readOnly: false, options: [], ...request });
const unstack = (target = `${top}/merged`) => removeMounts(engine, { target, recursive: false, lazy: false, type: "overlay" });
const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");
const commit = (reference: string, archive: string, more: object = {}) =>
  commitLayer(engine, { reference, cwd: top, lower: [], archive, again, write() {}, ...more });
const readStdin = () => new Blob([]).stream();
const { signal } = new AbortController();
const apply = (archive: string, directory: string, isDelete = false) =>
  applyLayer(engine, { archive, directory, delete: isDelete, readStdin, signal });

/** What --dry-run --explain=sh prints. */
async function shownScript(act: (showing: Engine) => unknown): Promise<string> {
  let script = "";
  const print = (text: string) => {
    script += text;
  };
  const showing = openEngine(`${top}/root`, { mode: { dryRun: true, explain: "sh", timings: false }, explainer, print });
  await act(showing);
  showing[Symbol.dispose]();
  return script;
}

/** Everything that lstat and the attributes tell of a tree; what a whiteout and overlay's own bookkeeping have besides means nothing. */
const describe = (directory: string) =>
  walkLayer(directory).map((entry) => {
    const { path, type, mode, uid, gid, sizeBytes, mtimeNanos, links, major, minor } = entry;
    if (isWhiteout(entry)) return `${path} whiteout`;
    const xattrs = [...entry.xattrs].filter(([name]) => isOwnAttribute(name)).map(([name, value]) => `${name}=${value.toString("hex")}`);
    const shape = type === "directory" ? (isOpaque(entry) ? "opaque" : "") : `${sizeBytes} ${links} ${major}:${minor}`;
    const link = type === "symlink" ? readlinkSync(`${directory}/${path}`) : "";
    const micros = (mtimeNanos + 500n) / 1000n;
    return [path, type, mode, uid, gid, shape, link, micros, ...xattrs.sort()].join(" ");
  });

sh(`mkdir l1 l2 'odd,:dir' up wk; echo one > l1/a; echo two > l2/a; echo b > l2/b; mkdir l2/d l2/e; echo x > l2/d/x; echo y > l2/d/y
    echo kept > l2/e/kept; head -c 100000 /dev/zero | tr '\\0' z > l2/big; echo same > l2/same; ln -s d l2/link; echo o > 'odd,:dir/o'`);

/** The changes that all tests below look at. */
function change(merged: string): void {
  writeFileSync(`${merged}/new`, "new");
  linkSync(`${merged}/new`, `${merged}/new-link`);
  rmSync(`${merged}/b`);
  chmodSync(`${merged}/big`, 0o600);
  writeFileSync(`${merged}/same`, "same\n");
  writeFileSync(`${merged}/a`, "changed");
  rmSync(`${merged}/d`, { recursive: true });
  mkdirSync(`${merged}/d`);
  writeFileSync(`${merged}/d/z`, "z");
  symlinkSync("/etc/passwd", `${merged}/absolute`);
  mkdirSync(`${merged}/${"long-".repeat(30)}`);
  writeFileSync(`${merged}/${"long-".repeat(30)}/é`, "utf-8");
  utimesSync(`${merged}/new`, 1_500_000_000.25, 1_500_000_000.25);
  const nodes = applyNodes(merged, [
    { operation: "mknod", path: "device", mode: 0o020640, major: 5, minor: 1 },
    { operation: "mknod", path: "pipe", mode: 0o010600, major: 0, minor: 0 },
    { operation: "setxattr", path: "new", name: "user.note", value: Buffer.from([0, 255, 10]) },
    {
      operation: "setxattr",
      path: "d/z",
      name: "security.capability",
      value: Buffer.from("0100000200200000000000000000000000000000", "hex"),
    },
  ]);
  if (nodes.length > 0) throw new Error(JSON.stringify(nodes));
}

t.test("a stack with odd names, changed and compared", needRoot, async (t) => {
  await stack({ lower: [`${top}/l1`, `${top}/l2`, `${top}/odd,:dir`], upper: `${top}/up`, work: `${top}/wk` });
  t.equal(readFileSync(`${top}/merged/a`, "utf8"), "one\n", "the first lower directory is on top");
  t.equal(readFileSync(`${top}/merged/o`, "utf8"), "o\n");
  t.same(listJournalOwners(engine.store), [`mount:${top}/merged`]);
  change(`${top}/merged`);
  const changes = diffLayer(engine, at("merged"));
  t.same(diffLayer(engine, at("up")), changes, "a mounted upper directory knows its lower ones");
  const lines = changes.map(({ kind, path, sizeBytes, lowerSizeBytes }) => `${kind} ${path} ${sizeBytes} ${lowerSizeBytes}`);
  t.same(
    lines.filter((line) => !line.includes("long-")),
    [
      "changed /a 7 4",
      "added /absolute 0 0",
      "deleted /b 0 2",
      "changed /big 100000 100000",
      "changed /d 0 0",
      "deleted /d/x 0 2",
      "deleted /d/y 0 2",
      "added /d/z 1 0",
      "added /device 0 0",
      "added /new 3 0",
      "added /new-link 3 0",
      "added /pipe 0 0",
      "changed /same 5 5",
    ],
  );
  const [view] = listLayers(engine, "mounted").filter(({ upper }) => upper === `${top}/up`);
  t.same(view?.lower, [`${top}/l1`, `${top}/l2`, `${top}/odd,:dir`]);
});

t.test("copies, those for metadata alone", needRoot, async (t) => {
  const { copies, wastedBytes } = measure(engine, at("merged"));
  t.same(
    copies.map(({ path, reason }) => [path, reason]),
    [
      ["/big", "metadata"],
      ["/a", "data"],
      ["/same", "metadata"],
    ],
  );
  t.same(copies[0]?.differs, ["mode"]);
  t.ok(wastedBytes >= 100_000);
});

t.test("where a file comes from", needRoot, async (t) => {
  const roles = (path: string) =>
    findOrigin(engine, path, at("merged")).map(
      ({ layer, role, hiddenBy }) => `${layer} ${role}${hiddenBy ? ` ${hiddenBy.how} ${hiddenBy.layer}` : ""}`,
    );
  t.same(roles("/a"), ["1 provides", "2 hidden replaced 1", "3 hidden replaced 1"]);
  t.same(roles("/b"), ["1 deletes", "3 hidden deleted 1"]);
  t.same(roles("/d/x"), ["3 hidden opaque 1"]);
  t.same(roles("/link/z"), ["1 provides"], "links on the way are followed");
  t.same(roles("/link"), ["3 provides"], "the last name is not");
  t.same(roles("/e"), ["3 provides"]);
  t.same(roles("/"), ["1 provides", "2 merges", "3 merges", "4 merges"]);
  t.throws(() => roles("/none"), { code: "no-such-path" });
  t.same(findOverlayOf(`${top}/merged/d/x`), { target: `${top}/merged`, inside: "/d/x" });
});

t.test("packed twice the same, applied the same tree, packed again the same", needRoot, async (t) => {
  const packed = commit("merged", `${top}/1.tar`);
  commit("up", `${top}/2.tar`);
  const first = readFileSync(`${top}/1.tar`);
  t.ok(first.equals(readFileSync(`${top}/2.tar`)));
  const listed = sh("tar -tvf 1.tar");
  for (const name of [".wh.b", "d/.wh..wh..opq", "new-link link to new", "absolute -> /etc/passwd"]) t.ok(listed.includes(name), name);
  const applied = await apply(`${top}/1.tar`, `${top}/again`);
  t.equal(applied?.diffId, packed?.diffId);
  commit("again", `${top}/3.tar`);
  t.ok(first.equals(readFileSync(`${top}/3.tar`)));
  await unstack();
  t.notOk(existsSync(`${top}/merged`), "its mount point was made for it");
  t.same(describe(`${top}/again`), describe(`${top}/up`));
  const early = commit("again", `${top}/4.tar`, { sourceDateEpoch: 1000 });
  t.not(early?.diffId, packed?.diffId);
  t.notMatch(sh("TZ=UTC tar -tvf 4.tar"), /20[0-9]{2}-/, "no time after the epoch");
});

t.test("Debian's tar reads it; the shell that is shown packs and applies the same", needRoot, async (t) => {
  sh("mkdir plain && tar -xpf 1.tar --xattrs --xattrs-include='*' -C plain");
  t.equal(readFileSync(`${top}/plain/d/z`, "utf8"), "z");
  t.ok(existsSync(`${top}/plain/.wh.b`));
  const directory = `${top}/by-shell`;
  sh(await shownScript((showing) => applyLayer(showing, { archive: `${top}/1.tar`, directory, delete: false, readStdin, signal })));
  t.ok(lstatSync(`${directory}/b`).isCharacterDevice());
  const archive = `${top}/shell.tar`;
  sh(await shownScript((showing) => commitLayer(showing, { reference: "up", cwd: top, lower: [], archive, again, write() {} })));
  const names = (archive: string) => sh(`tar -tf ${archive} | sed 's|^\\./||' | sort`);
  t.equal(names("shell.tar"), names("1.tar"));
});

t.test("onto a tree: what the layer deletes goes, what it brings stays", needRoot, async (t) => {
  sh("cp -a l2 tree; chmod 711 tree; cp -a l2 tree-by-shell");
  await t.rejects(apply(`${top}/1.tar`, `${top}/tree`), { code: "directory-not-empty" });
  await apply(`${top}/1.tar`, `${top}/tree`, true);
  t.equal(sh("cd tree && find d e b 2>/dev/null | sort || :"), "d\nd/z\ne\ne/kept\n");
  t.equal(readFileSync(`${top}/tree/a`, "utf8"), "changed");
  const script = await shownScript((showing) =>
    applyLayer(showing, { archive: `${top}/1.tar`, directory: `${top}/tree-by-shell`, delete: true, readStdin, signal }),
  );
  sh(script);
  t.equal(sh("cd tree-by-shell && find . | sort"), sh("cd tree && find . | sort"));
});

t.test("a tree is as it was when the layer cannot be applied to the end", needRoot, async (t) => {
  sh("mkdir small; mount -t tmpfs -o size=1m none small; mkdir small/tree");
  t.teardown(() => sh("umount small"));
  sh(
    "cd small/tree; mkdir -m 750 kept gone; echo old > kept/file; echo b > gone/b; ln -s kept link; mkdir -m 700 full; echo c > full/c; touch -d @1000 kept full .",
  );
  const state = () => sh("cd small/tree; find . -printf '%p %y %m %U:%G %s %T@ %l\\n' | sort; cat kept/file gone/b full/c; ls -A");
  const before = state();
  writeFileSync(
    `${top}/large.tar`,
    makeTar([
      { path: "kept", type: "directory", mode: 0o777 },
      { path: "kept/file", type: "file", data: "new" },
      { path: "link", type: "file", data: "no link" },
      { path: "full", type: "file", data: "no directory" },
      { path: ".wh.gone", type: "file", data: "" },
      { path: "fresh/deep", type: "file", data: "x" },
      { path: "big", type: "file", data: "x".repeat(2_000_000) },
    ]),
  );
  await t.rejects(apply(`${top}/large.tar`, `${top}/small/tree`, true), { code: "kernel-enospc" });
  t.equal(state(), before, "a full disk");
  sh("mkdir small/tree/gone/mounted; mount -t tmpfs none small/tree/gone/mounted");
  t.teardown(() => sh("umount small/tree/gone/mounted"));
  const mounted = state();
  writeFileSync(
    `${top}/busy.tar`,
    makeTar([
      { path: "link", type: "file", data: "no link" },
      { path: ".wh.gone", type: "file", data: "" },
    ]),
  );
  await t.rejects(apply(`${top}/busy.tar`, `${top}/small/tree`, true), { code: "kernel-ebusy", message: /gone\/mounted/ });
  t.equal(state(), mounted, "a mount in what is to go");
});

t.test("nothing outside, nothing left of a bad archive", needRoot, async (t) => {
  mkdirSync(`${top}/secret`);
  writeFileSync(
    `${top}/hostile.tar`,
    makeTar([
      { path: "l", type: "symlink", linkPath: `${top}/secret` },
      { path: "l/x", type: "file", data: "x" },
    ]),
  );
  await apply(`${top}/hostile.tar`, `${top}/caught`);
  t.notOk(existsSync(`${top}/secret/x`), "links are followed inside the directory");
  writeFileSync(
    `${top}/escape.tar`,
    makeTar([
      { path: "a", type: "file", data: "a" },
      { path: "../out", type: "file", data: "x" },
    ]),
  );
  await t.rejects(apply(`${top}/escape.tar`, `${top}/caught2`), { code: "archive-escape" });
  t.notOk(existsSync(`${top}/out`) || existsSync(`${top}/caught2`));
  await t.rejects(apply(`${top}/escape.tar`, `${top}/tree`, true), { code: "archive-escape" });
  t.equal(readFileSync(`${top}/tree/a`, "utf8"), "changed", "checked before the tree is changed");
  writeFileSync(`${top}/none.tar`, "no tar at all, but long enough".repeat(40));
  await t.rejects(apply(`${top}/none.tar`, `${top}/caught3`), { code: "bad-archive" });
  t.notOk(existsSync(`${top}/caught3`));
});

t.test("renamed directories and metadata copies", needRoot, async (t) => {
  sh("mkdir up2 wk2");
  const request = { lower: [`${top}/l2`], upper: `${top}/up2`, work: `${top}/wk2`, options: ["redirect_dir=on", "metacopy=on"] };
  await stack(request);
  renameSync(`${top}/merged/e`, `${top}/merged/moved`);
  chmodSync(`${top}/merged/big`, 0o600);
  t.match(
    diffLayer(engine, at("merged")).map(({ kind, path, notes }) => [kind, path, notes.join()]),
    [
      ["changed", "/big", "metadata only"],
      ["deleted", "/e", ""],
      ["added", "/moved", "renamed from e"],
    ],
  );
  t.same(
    findOrigin(engine, "/moved/kept", at("merged")).map(({ layer, role }) => `${layer} ${role}`),
    ["2 provides"],
  );
  t.same(
    findOrigin(engine, "/big", at("merged")).map(({ layer, role }) => `${layer} ${role}`),
    ["1 provides", "2 data"],
  );
  t.throws(() => commit("merged", `${top}/5.tar`), { code: "renamed-directory" });
  rmSync(`${top}/merged/moved`, { recursive: true });
  commit("merged", `${top}/5.tar`);
  t.equal(sh("tar -xOf 5.tar big | wc -c").trim(), "100000", "the data comes from below");
  await unstack();
  t.throws(() => commit("up2", `${top}/6.tar`), { code: "no-data" });
  t.notOk(existsSync(`${top}/6.tar`));
});

t.test("what cannot be stacked leaves nothing", needRoot, async (t) => {
  const before = mounts();
  const good = { lower: [`${top}/l1`], upper: `${top}/up`, work: `${top}/wk` };
  await t.rejects(stack({ ...good, lower: [`${top}/nowhere`] }), { code: "kernel-enoent", message: /nowhere/ });
  await t.rejects(stack({ ...good, upper: `${top}/l2/a` }), { code: "kernel-enotdir" });
  await t.rejects(stack({ ...good, lower: [top] }), { code: "layers-overlap" });
  await t.rejects(stack({ ...good, work: "/dev/shm" }), { code: "work-elsewhere" });
  await t.rejects(stack({ ...good, options: ["nonsense=1"] }), { code: "bad-overlay-option" });
  t.equal(mounts(), before);
  const refused = { options: ["metacopy=on", "nfs_export=on"], target: `${top}/new` };
  await t.rejects(stack({ ...good, ...refused }), { code: "kernel-einval", message: /refuses the overlay on .*\/new/ });
  t.notOk(existsSync(`${top}/new`), "the mount point is undone");
  t.same(listJournalOwners(engine.store), []);
  await stack(good);
  await t.rejects(stack({ ...good, target: `${top}/other` }), { code: "upper-in-use" });
  await t.rejects(stack({ lower: [`${top}/l2`], upper: `${top}/merged`, work: `${top}/merged`, target: `${top}/other` }), {
    code: "layers-overlap",
  });
  mkdirSync(`${top}/merged/u`);
  mkdirSync(`${top}/merged/w`);
  await t.rejects(stack({ lower: [`${top}/l2`], upper: `${top}/merged/u`, work: `${top}/merged/w`, target: `${top}/other` }), {
    code: "upper-on-overlay",
  });
  t.notOk(existsSync(`${top}/other`));
  await unstack();
  await t.rejects(unstack(`${top}/up`), { code: "not-mounted" });
  t.equal(mounts(), before);
});

t.test("more layers than a page of options holds", needRoot, async (t) => {
  const names = Array.from({ length: 120 }, (_, n) => `${top}/many/${"directory-".repeat(8)}${n}`);
  for (const name of names) mkdirSync(name, { recursive: true });
  writeFileSync(`${names.at(-1)}/last`, "here");
  await stack({ lower: names });
  t.equal(readFileSync(`${top}/merged/last`, "utf8"), "here");
  t.equal(findOrigin(engine, "/last", at("merged"))[0]?.layer, 120);
  await unstack();
});
