// The native program tsns-tree: what it makes, what it reports, what it refuses.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { distDirectory } from "../../src/kernel/sandbox/location.ts";
import { applyNodes, type NodeOperation } from "../../src/kernel/tree/node-batch.ts";
import { needRoot } from "../fixture/root.ts";

const program = process.env.TSNS_TREE ?? `${distDirectory}/tsns-tree`;

function makeDirectory(t: Test): string {
  const path = mkdtempSync(`${tmpdir()}/tsns-nodes-`);
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const device = (path: string): NodeOperation => ({ operation: "mknod", path, mode: 0o20600, major: 1, minor: 3 });
const mark = (path: string, name = "user.mark", value = Buffer.from([0, 1, 255])): NodeOperation => ({
  operation: "setxattr",
  path,
  name,
  value,
});

t.test("each operation is tried, each failure is told", needRoot, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(`${directory}/d`);
  const operations = [
    device("d/null"),
    device("d/null"),
    device("none/null"),
    mark("d/none"),
    mark("", "trusted.x"),
    mark("d", "trusted.x"),
    mark("d", "wrong"),
  ];
  const failures = applyNodes(directory, operations);
  t.match(lstatSync(`${directory}/d/null`), { mode: 0o20600, rdev: 0x103 });
  t.same(
    failures.map(({ at, syscall, errno }) => [operations.indexOf(at), syscall, errno]),
    [
      [1, "mknodat", "EEXIST"],
      [2, "openat2", "ENOENT"],
      [3, "lsetxattr", "ENOENT"],
      [6, "lsetxattr", "EOPNOTSUPP"],
    ],
  );
  t.same(applyNodes(directory, []), []);
});

t.test("spread marks directories alone, where the file system has the mark", needRoot, async (t) => {
  const directory = makeDirectory(t);
  mkdirSync(`${directory}/d`);
  symlinkSync("d", `${directory}/link`);
  const spread = (path: string): NodeOperation => ({ operation: "spread", path });
  const failures = applyNodes(directory, [spread(""), spread("none"), spread("link")]);
  const attributes = spawnSync("lsattr", ["-d", directory, `${directory}/d`], { encoding: "latin1" });
  const isMarked = attributes.status === 0 && attributes.stdout.split("\n").map((line) => line.split(" ")[0]?.includes("T"));
  t.same(isMarked, failures.length === 2 ? [true, false, false] : false, "of another file system: refused");
  t.same(
    failures.slice(-2).map(({ at, syscall, errno }) => [at.path, syscall, errno]),
    [
      ["none", "openat", "ENOENT"],
      ["link", "openat", "ENOTDIR"],
    ],
  );
});

t.test("no path leads out of the directory or through a link", needRoot, async (t) => {
  const directory = makeDirectory(t);
  const outside = makeDirectory(t);
  symlinkSync(outside, `${directory}/link`);
  mkdirSync(`${directory}/mount`);
  spawnSync("mount", ["--bind", outside, `${directory}/mount`]);
  t.teardown(() => void spawnSync("umount", [`${directory}/mount`]));
  const paths = ["link/x", "../x", `${outside}/x`, "mount/x", "mount/../../x", "..", ".", "d/..", "d/"];
  const failures = applyNodes(
    directory,
    paths.flatMap((path) => [device(path), mark(path, "trusted.x")]),
  );
  t.equal(failures.length, 2 * paths.length, "all refused");
  t.notOk(existsSync(`${outside}/x`));
  t.notOk(existsSync(`${tmpdir()}/x`));
});

t.test("malformed input ends it with status 2", needRoot, async (t) => {
  const directory = makeDirectory(t);
  const words = (...parts: string[]) => parts.map((part) => `${part}\0`).join("");
  const root = words("2", "root", directory);
  const bad = [
    words("x"),
    words("2", "root").slice(0, -1),
    words("9", "root"),
    words("0"),
    words("-1"),
    words("1", "mknod"),
    root + words("5", "mknod", "a", "x", "1", "3"),
    root + words("4", "setxattr", "a", "user.x", "zz"),
    root + words("4", "setxattr", "a", "user.x", "abc"),
    root + words("4", "setxattr", "a", "user.x", "00".repeat(65537)),
    root + root,
    root + words("2", "unlink", "a"),
    words("5", "mknod", "a", "8192", "0", "0"),
  ];
  for (const input of bad) {
    const { status, stderr } = spawnSync(program, [], { input, encoding: "utf8" });
    t.equal(status, 2, JSON.stringify(input.slice(0, 60)));
    t.match(stderr, /^malformed input: /);
  }
  t.throws(() => applyNodes(`${directory}/none`, [device("x")]), { name: "KernelError", syscall: "open", errno: "ENOENT" });
});
