// Copies between directories that change meanwhile: nothing leads out, whatever is swapped; and what is kept of files.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { TsnsError } from "../../../src/base/error.ts";
import { copyTree } from "../../../src/kernel/tree/copy.ts";
import { findInside, openTreeRoot } from "../../../src/kernel/tree/inside.ts";

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "tsns-copy-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function rootOf(t: Test, path: string): number {
  const fd = openTreeRoot(path);
  t.teardown(() => closeSync(fd));
  return fd;
}

function errorOf(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    return error;
  }
}

t.test("a path is resolved as the root's own", async (t) => {
  const path = directory(t);
  mkdirSync(`${path}/a/b`, { recursive: true });
  writeFileSync(`${path}/a/b/file`, "");
  symlinkSync("/a/b", `${path}/absolute`);
  symlinkSync("../../../../a", `${path}/a/up`);
  symlinkSync("loop", `${path}/loop`);
  symlinkSync("b/none", `${path}/a/hang`);
  const fd = rootOf(t, path);
  const names = (inner: string, follow = true) => {
    using place = findInside(fd, inner, follow);
    return `${place.names.join("/")}${place.stat ? "" : "?"}`;
  };
  t.equal(names("/"), "");
  t.equal(names("../../.."), "", "nothing lies above");
  t.equal(names("absolute/file"), "a/b/file");
  t.equal(names("absolute"), "a/b");
  t.equal(names("absolute", false), "absolute");
  t.equal(names("absolute/", false), "a/b", "a slash at the end means the directory");
  t.equal(names("a/up/b/../b/file"), "a/b/file");
  t.equal(names("a/hang"), "a/b/none?");
  t.equal(names("a/none"), "a/none?");
  for (const [inner, errno] of [
    ["none/x", "ENOENT"],
    ["a/b/file/x", "ENOTDIR"],
    ["a/b/file/", "ENOTDIR"],
    ["a/b/file/.", "ENOTDIR"],
    ["loop", "ELOOP"],
  ] as const)
    t.match(
      errorOf(() => names(inner)),
      { errno },
      inner,
    );
});

t.test("a thousand copies beside one who swaps directories for links", async (t) => {
  const [tree, outside, own] = [directory(t), directory(t), directory(t)];
  writeFileSync(`${outside}/secret`, "secret");
  mkdirSync(`${tree}/race/d`, { recursive: true });
  writeFileSync(`${tree}/race/d/own`, "own");
  writeFileSync(`${own}/planted`, "planted");
  const swap = `cd "$1"; while :; do mv d e; ln -s "$2" d; rm d; mv e d; done`;
  const swapper = spawn("sh", ["-c", swap, "sh", `${tree}/race`, outside], { stdio: ["ignore", "pipe", "ignore"] });
  // Its output has an end when the program that it has just started has ended too, which puts something into the tree till then.
  const ended = once(swapper, "close");
  t.teardown(async () => {
    swapper.kill("SIGKILL");
    await ended;
  });
  const [treeFd, ownFd] = [rootOf(t, tree), rootOf(t, own)];
  let [copied, failed] = [0, 0];
  const attempt = (body: () => Iterator<void, unknown>) => {
    try {
      const steps = body();
      while (!steps.next().done);
      copied++;
    } catch (error) {
      if (!(error instanceof TsnsError) && !(error instanceof Error && "code" in error)) throw error;
      failed++;
    }
  };
  const options = { warn: () => {} };
  for (let round = 0; round < 500 || (failed === 0 && round < 20_000); round++) {
    mkdirSync(`${own}/got`, { recursive: true });
    attempt(() => {
      using source = findInside(treeFd, "race/d", true);
      return copyAll(copyTree(source, { directoryFd: ownFd, name: "got" }, options));
    });
    attempt(() => {
      using target = findInside(treeFd, "race/d", true);
      using source = findInside(ownFd, "planted", false);
      return copyAll(copyTree(source, { directoryFd: target.directoryFd, name: "planted" }, options));
    });
  }
  t.ok(copied > 0 && failed > 0, "some came through, some met the link");
  t.same(readdirSync(outside), ["secret"], "nothing was put outside");
  t.notOk(readdirSync(`${own}/got`).includes("secret"), "nothing was taken from outside");
});

/** While the places are still open. */
function copyAll(copy: Iterator<void, unknown>): Iterator<void, unknown> {
  while (!copy.next().done);
  return [][Symbol.iterator]();
}

t.test("what is in the way", async (t) => {
  const [from, to] = [directory(t), directory(t)];
  mkdirSync(`${from}/d`);
  writeFileSync(`${from}/f`, "new", { mode: 0o604 });
  mkdirSync(`${to}/f`);
  writeFileSync(`${to}/d`, "");
  writeFileSync(`${to}/old`, "old and longer");
  const [fromFd, toFd] = [rootOf(t, from), rootOf(t, to)];
  const copy = (name: string, target: string) =>
    void copyAll(copyTree({ directoryFd: fromFd, name }, { directoryFd: toFd, name: target }, { warn: () => {} }));
  t.throws(() => copy("d", "d"), { message: 'cannot overwrite non-directory "d" with directory "d"' });
  t.throws(() => copy("f", "f"), { message: 'cannot overwrite directory "f" with non-directory "f"' });
  copy("f", "old");
  t.equal(readFileSync(`${to}/old`, "utf8"), "new");
  t.equal(statSync(`${to}/old`).mode & 0o777, 0o604);
});
