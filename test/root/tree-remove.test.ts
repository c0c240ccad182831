// Removal against real mounts: a forgotten overlay of the whole machine, binds, immutable files, swapped names.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { readMountPointsBelow } from "../../src/kernel/tree/mount-id.ts";
import { removeTree } from "../../src/kernel/tree/remove.ts";
import { needRoot } from "../fixture/root.ts";

function run(...argv: [string, ...string[]]): void {
  const [name, ...args] = argv;
  const { status, stderr } = spawnSync(name, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
}

/** A data root on a tmpfs of its own, with a tree in it to remove. */
function makeRoot(t: Test): string {
  const root = mkdtempSync(`${tmpdir()}/tsns-remove-`);
  run("mount", "-t", "tmpfs", "none", root);
  t.teardown(() => {
    for (const mount of readMountPointsBelow(root).reverse()) spawnSync("umount", ["-l", mount.path]);
    rmSync(root, { recursive: true });
  });
  mkdirSync(`${root}/containers/c/rootfs`, { recursive: true });
  mkdirSync(`${root}/containers/c/upper/etc`, { recursive: true });
  writeFileSync(`${root}/containers/c/upper/etc/file`, "x");
  return root;
}

const tree = (root: string) => `${root}/containers/c`;
const refusal = (mountPoint: string) => ({
  name: "KernelError",
  kind: "conflict",
  errno: "EBUSY",
  message: `refusing to remove ${mountPoint}: it is a mount point`,
  hint: `unmount it first: umount ${mountPoint}`,
});

t.test("a forgotten overlay of the host", needRoot, async (t) => {
  const root = makeRoot(t);
  const outside = mkdtempSync(`${tmpdir()}/tsns-outside-`);
  t.teardown(() => rmSync(outside, { recursive: true }));
  writeFileSync(`${outside}/precious`, "x");
  const at = `${tree(root)}/rootfs`;
  mkdirSync(`${root}/upper`);
  mkdirSync(`${root}/work`);
  run("mount", "-t", "overlay", "overlay", "-o", `lowerdir=/,upperdir=${root}/upper,workdir=${root}/work`, at);
  t.ok(existsSync(`${at}/etc/passwd`), "the whole machine is below");
  t.throws(() => removeTree(tree(root), { within: root }), refusal(at));
  t.ok(existsSync(`${at}/etc/passwd`));
  t.same(readdirSync(`${root}/upper`), [], "nothing was deleted through the overlay");
  t.ok(existsSync(`${tree(root)}/upper/etc/file`), "a tree with a mount is not even begun with");
  t.equal(readFileSync(`${outside}/precious`, "utf8"), "x");
});

t.test("binds of the same file system, which st_dev cannot tell apart", needRoot, async (t) => {
  const root = makeRoot(t);
  mkdirSync(`${root}/precious/deep`, { recursive: true });
  writeFileSync(`${root}/precious/deep/file`, "x");
  mkdirSync(`${tree(root)}/rootfs/deeper/bind`, { recursive: true });
  const at = `${tree(root)}/rootfs/deeper/bind`;
  run("mount", "--bind", `${root}/precious`, at);
  t.throws(() => removeTree(tree(root), { within: root }), refusal(at));
  t.equal(readFileSync(`${root}/precious/deep/file`, "utf8"), "x");
  t.throws(() => removeTree(at, { within: root }), refusal(at), "the mount point itself");
  t.throws(() => removeTree(`${at}/deep`, { within: root }), refusal(at), "something below it");
  t.equal(readFileSync(`${root}/precious/deep/file`, "utf8"), "x");
  run("umount", at);
  removeTree(tree(root), { within: root });
  t.notOk(existsSync(tree(root)));
  t.ok(existsSync(`${root}/precious/deep/file`));
});

t.test("a bind of / at the first level, and of a file", needRoot, async (t) => {
  const root = makeRoot(t);
  run("mount", "--bind", "/", `${tree(root)}/rootfs`);
  t.throws(() => removeTree(tree(root), { within: root }), refusal(`${tree(root)}/rootfs`));
  t.ok(existsSync("/etc/passwd"));
  run("umount", `${tree(root)}/rootfs`);
  writeFileSync(`${root}/precious`, "x");
  writeFileSync(`${tree(root)}/rootfs/file`, "");
  run("mount", "--bind", `${root}/precious`, `${tree(root)}/rootfs/file`);
  t.throws(() => removeTree(tree(root), { within: root }), refusal(`${tree(root)}/rootfs/file`));
  t.equal(readFileSync(`${root}/precious`, "utf8"), "x");
});

t.test("an empty mount is refused by the kernel", needRoot, async (t) => {
  const root = makeRoot(t);
  run("mount", "-t", "tmpfs", "none", `${tree(root)}/rootfs`);
  rmSync(`${tree(root)}/upper`, { recursive: true });
  t.throws(() => removeTree(tree(root), { within: root }), refusal(`${tree(root)}/rootfs`));
});

t.test("a mount so deep that its directories are moved up first", needRoot, async (t) => {
  const root = makeRoot(t);
  mkdirSync(`${root}/precious`);
  writeFileSync(`${root}/precious/file`, "x");
  const deep = `${tree(root)}/rootfs/${Array.from({ length: 120 }, () => "d").join("/")}`;
  mkdirSync(deep, { recursive: true });
  run("mount", "--bind", `${root}/precious`, deep);
  t.throws(() => removeTree(tree(root), { within: root }), { name: "KernelError", errno: "EBUSY" });
  t.equal(readFileSync(`${root}/precious/file`, "utf8"), "x");
});

t.test("a name swapped for a link to the outside", needRoot, async (t) => {
  const root = makeRoot(t);
  mkdirSync(`${root}/precious`);
  writeFileSync(`${root}/precious/file`, "x");
  renameSync(`${root}/containers`, `${root}/moved`);
  symlinkSync("precious", `${root}/containers`);
  t.throws(() => removeTree(`${root}/containers/file`, { within: root }), {
    name: "KernelError",
    syscall: "open",
    target: `${root}/containers`,
  });
  removeTree(`${root}/containers`, { within: root });
  t.same(readdirSync(root).sort(), ["moved", "precious"], "the link itself is what goes");
  t.equal(readFileSync(`${root}/precious/file`, "utf8"), "x");
});

t.test("an immutable file is reported with the remedy", needRoot, async (t) => {
  const within = mkdtempSync(`${tmpdir()}/tsns-immutable-`);
  t.teardown(() => rmSync(within, { recursive: true, force: true }));
  mkdirSync(`${within}/a`);
  const file = `${within}/a/fixed`;
  writeFileSync(file, "x");
  if (spawnSync("chattr", ["+i", file]).status !== 0) return t.plan(0, "this file system knows no immutable files");
  try {
    t.throws(() => removeTree(`${within}/a`, { within }), {
      name: "KernelError",
      errno: "EPERM",
      kind: "denied",
      target: file,
      hint: new RegExp(`chattr -i ${file}`),
    });
  } finally {
    run("chattr", "-i", file);
  }
  removeTree(`${within}/a`, { within });
  t.notOk(existsSync(`${within}/a`));
});
