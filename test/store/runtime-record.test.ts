import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import type { RuntimeRecord } from "../../src/runtime/record.ts";
import { readRuntimeHolder, takeRuntimeLock } from "../../src/store/runtime-lock.ts";
import {
  claimRuntime,
  listRuntimes,
  readRuntime,
  readRuntimeConfig,
  readRuntimeProcess,
  readRuntimeUndo,
  recordRuntimeProcess,
  releaseClaim,
  removeRuntime,
  sweepRuntimes,
} from "../../src/store/runtime-record.ts";
import { dropForeignWords, isNoDirectory } from "../../src/store/unreadable-runtime.ts";

const self = { pid: 10, startTime: 100 };
const other = { pid: 20, startTime: 200 };
const everybody = () => true;
const nobody = () => false;

const recordOf = (id: string): RuntimeRecord => ({
  id,
  bundle: "/b",
  rootfs: "/b/rootfs",
  createdMs: 1,
  owner: "root",
  groups: { pids: "/g" },
  annotations: {},
  hooks: { prestart: [], createRuntime: [], createContainer: [], startContainer: [], poststart: [], poststop: [] },
});

const filesOf = (id: string) => ({
  record: recordOf(id),
  configText: "{}",
  view: "{\0}\0\0",
  undo: "2\0rmdir-tree\0/g\0",
  isElaborate: false,
});

const rootOf = (t: Test) => `${t.testdir()}/state`;

t.test("an id is claimed once", async (t) => {
  const root = rootOf(t);
  claimRuntime(root, filesOf("one"), self);
  t.same(readRuntime(root, "one"), recordOf("one"));
  t.equal(readRuntimeConfig(root, "one"), "{}");
  t.equal(readRuntimeUndo(root, "one"), "2\0rmdir-tree\0/g\0");
  t.throws(() => claimRuntime(root, filesOf("one"), other), { code: "id-taken", kind: "conflict" });
  t.same(readdirSync(root), ["one"], "nothing is left of the other");
  t.notOk(existsSync(`${root}/one/hooks`));
  claimRuntime(root, { ...filesOf("two"), isElaborate: true }, self);
  t.ok(existsSync(`${root}/two/hooks`));
  t.same(listRuntimes(root), ["one", "two"]);
});

t.test("its process comes later", async (t) => {
  const root = rootOf(t);
  claimRuntime(root, filesOf("one"), self);
  recordRuntimeProcess(root, "one", other);
  t.same(readRuntime(root, "one")?.process, other);
  writeFileSync(`${root}/one/process`, "12");
  t.equal(readRuntime(root, "one")?.process, undefined, "half a line is none");
});

t.test("what is not there, and what cannot be read", async (t) => {
  const root = rootOf(t);
  t.equal(readRuntime(root, "none"), undefined);
  t.same(listRuntimes(root), []);
  t.equal(readRuntimeUndo(root, "none"), "");
  removeRuntime(root, "none", self);
  mkdirSync(`${root}/bad`, { recursive: true });
  for (const text of ["{", "", "[]", '{"bundle":"/b","createdMs":1}', JSON.stringify({ ...recordOf("bad"), groups: null })]) {
    writeFileSync(`${root}/bad/record.json`, text);
    t.throws(() => readRuntime(root, "bad"), { code: "bad-record" }, text);
  }
  t.throws(() => claimRuntime("/proc/none", filesOf("one"), self), { code: "kernel-enoent" });
});

t.test("what is no directory, and words in one that are not its own", async (t) => {
  const root = rootOf(t);
  claimRuntime(root, filesOf("one"), self);
  recordRuntimeProcess(root, "one", other);
  t.notOk(isNoDirectory(root, "one"));
  t.notOk(isNoDirectory(root, "none"));
  dropForeignWords(root, "one");
  t.not(readRuntimeUndo(root, "one"), "");
  t.same(readRuntimeProcess(root, "one"), other);
  symlinkSync("one", `${root}/link`);
  writeFileSync(`${root}/file`, "");
  t.ok(isNoDirectory(root, "link"));
  t.ok(isNoDirectory(root, "file"));
  mkdirSync(`${root}/two/process/below`, { recursive: true });
  symlinkSync(`${root}/one/undo`, `${root}/two/undo`);
  dropForeignWords(root, "two");
  t.same(readdirSync(`${root}/two`), []);
  removeRuntime(root, "link", self);
  t.same(readdirSync(root), ["file", "one", "two"]);
  t.not(readRuntimeUndo(root, "one"), "", "what a link led to is as it was");
});

t.test("one that is removed is out of sight, and what is left of it goes later", async (t) => {
  const root = rootOf(t);
  claimRuntime(root, filesOf("one"), self);
  removeRuntime(root, "one", self);
  t.same(readdirSync(root), []);
  for (const name of ["@new-10-100", "@gone-20-200", "@other"]) mkdirSync(`${root}/${name}`);
  t.same(listRuntimes(root), []);
  sweepRuntimes(root, ({ pid }) => pid === 10);
  t.same(readdirSync(root), ["@new-10-100", "@other"]);
});

t.test("the lock", async (t) => {
  const root = rootOf(t);
  const directory = `${root}/one`;
  t.equal(takeRuntimeLock(directory, self, everybody), undefined, "there is nothing to lock");
  claimRuntime(root, filesOf("one"), other);
  t.same(readRuntimeHolder(directory, everybody), other, "whoever creates it has it");
  t.same(takeRuntimeLock(directory, self, everybody), other);
  releaseClaim(root, "one");
  t.equal(readRuntimeHolder(directory, everybody), undefined);
  const taken = takeRuntimeLock(directory, self, everybody);
  if (!taken || !("release" in taken)) return t.fail("it is free");
  t.same(takeRuntimeLock(directory, other, everybody), self);
  const passed = takeRuntimeLock(directory, other, nobody);
  if (!passed || !("release" in passed)) return t.fail("its holder has died");
  t.same(readRuntimeHolder(directory, everybody), other, "the next one has it");
  taken.release();
  t.same(readRuntimeHolder(directory, everybody), other, "also when the dead one's is taken away");
  passed.release();
  t.same(
    readdirSync(directory).filter((name) => name.startsWith("lock")),
    [],
  );
});

t.test("the lock of a container that has been deleted is not the next one's", async (t) => {
  const root = rootOf(t);
  const directory = `${root}/one`;
  claimRuntime(root, filesOf("one"), other);
  releaseClaim(root, "one");
  const taken = takeRuntimeLock(directory, self, everybody);
  if (!taken || !("release" in taken)) return t.fail("it is free");
  removeRuntime(root, "one", self);
  claimRuntime(root, filesOf("one"), other);
  taken.release();
  t.same(readRuntimeHolder(directory, everybody), other, "who makes the new one has it");
});
