import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { removeTree } from "../../../src/kernel/tree/remove.ts";

function directory(test: { teardown(fn: () => void): void }): string {
  const path = mkdtempSync(`${tmpdir()}/tsns-tree-`);
  test.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

t.test("a tree with files, links, empty and full directories goes", async (t) => {
  const within = directory(t);
  mkdirSync(`${within}/a/b/c`, { recursive: true });
  mkdirSync(`${within}/a/empty`);
  writeFileSync(`${within}/a/file`, "x");
  writeFileSync(`${within}/a/b/c/file`, "x");
  symlinkSync("/nowhere", `${within}/a/b/dangling`);
  writeFileSync(`${within}/beside`, "stays");
  removeTree(`${within}/a`, { within });
  t.same(readdirSync(within), ["beside"]);
});

t.test("a missing path, a file and a link as the path itself", async (t) => {
  const within = directory(t);
  mkdirSync(`${within}/target`);
  writeFileSync(`${within}/target/kept`, "x");
  writeFileSync(`${within}/file`, "x");
  symlinkSync("target", `${within}/link`);
  removeTree(`${within}/missing`, { within });
  removeTree(`${within}/no/such/parent`, { within });
  removeTree(`${within}/file`, { within });
  removeTree(`${within}/link`, { within });
  t.same(readdirSync(within), ["target"]);
  t.ok(existsSync(`${within}/target/kept`));
});

t.test("links inside are removed, not followed", async (t) => {
  const outside = directory(t);
  writeFileSync(`${outside}/precious`, "x");
  const within = directory(t);
  mkdirSync(`${within}/a`);
  symlinkSync(outside, `${within}/a/absolute`);
  symlinkSync(`../../${outside.split("/").at(-1)}`, `${within}/a/relative`);
  removeTree(`${within}/a`, { within });
  t.notOk(existsSync(`${within}/a`));
  t.ok(existsSync(`${outside}/precious`));
});

t.test("a link on the way to the path is refused", async (t) => {
  const outside = directory(t);
  mkdirSync(`${outside}/precious`);
  const within = directory(t);
  symlinkSync(outside, `${within}/way`);
  t.throws(() => removeTree(`${within}/way/precious`, { within }), { name: "KernelError", syscall: "open" });
  t.ok(existsSync(`${outside}/precious`));
});

t.test("paths that do not lie strictly below are refused before anything is opened", async (t) => {
  const within = directory(t);
  mkdirSync(`${within}/a`);
  const bad = [
    within,
    `${within}/`,
    `${within}/..`,
    `${within}/a/../a`,
    `${within}/./a`,
    `${within}//a`,
    "/",
    "a",
    "",
    `${within}x`,
    `${within}/a\0b`,
  ];
  for (const path of bad) t.throws(() => removeTree(path, { within }), { kind: "invalid", code: "tree-outside" }, JSON.stringify(path));
  t.throws(() => removeTree("/etc", { within: "/" }), { code: "tree-outside" });
  t.throws(() => removeTree("/a/b", { within: "a" }), { code: "tree-outside" });
  t.ok(existsSync(`${within}/a`));
});

t.test("a data root that is itself a link is fine", async (t) => {
  const real = directory(t);
  mkdirSync(`${real}/a/b`, { recursive: true });
  const place = directory(t);
  symlinkSync(real, `${place}/root`);
  removeTree(`${place}/root/a`, { within: `${place}/root` });
  t.same(readdirSync(real), []);
});

t.test("a thousand levels and more", async (t) => {
  const within = directory(t);
  let path = `${within}/deep`;
  mkdirSync(path);
  for (let round = 0; round < 3; round++) {
    // each round builds a chain as long as a path may be, then hangs the tree so far into its end
    const chain = Array.from({ length: 500 }, () => "d").join("/");
    mkdirSync(`${within}/next/${chain}`, { recursive: true });
    writeFileSync(`${within}/next/${chain}/leaf`, "x");
    const { renameSync } = await import("node:fs");
    renameSync(path, `${within}/next/${chain}/below`);
    path = `${within}/next-${round}`;
    renameSync(`${within}/next`, path);
  }
  const before = readdirSync("/proc/self/fd").length;
  removeTree(path, { within });
  t.same(readdirSync(within), []);
  t.equal(readdirSync("/proc/self/fd").length, before, "no descriptor leaks");
});

t.test("names that are no UTF-8, and long ones", async (t) => {
  const within = directory(t);
  mkdirSync(`${within}/a`);
  writeFileSync(Buffer.concat([Buffer.from(`${within}/a/`), Buffer.from([0xff, 0xfe, 0x0a, 0x80])]), "x");
  mkdirSync(`${within}/a/grüße/日本`, { recursive: true });
  writeFileSync(`${within}/a/${"n".repeat(255)}`, "x");
  removeTree(`${within}/a`, { within });
  t.same(readdirSync(within), []);
});

t.test("directories without permissions", async (t) => {
  const within = directory(t);
  mkdirSync(`${within}/a/work/inner`, { recursive: true });
  chmodSync(`${within}/a/work`, 0);
  if (process.getuid?.() === 0) {
    removeTree(`${within}/a`, { within });
    t.same(readdirSync(within), []);
  } else {
    t.throws(() => removeTree(`${within}/a`, { within }), { name: "KernelError", kind: "denied" });
    chmodSync(`${within}/a/work`, 0o700);
  }
});

t.test("a defect in the path never becomes a system error without an object", async (t) => {
  const within = directory(t);
  writeFileSync(`${within}/file`, "x");
  t.throws(() => removeTree(`${within}/file/below`, { within }), { name: "KernelError", errno: "ENOTDIR", target: `${within}/file` });
  t.ok(lstatSync(`${within}/file`).isFile());
});
