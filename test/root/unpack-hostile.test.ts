// Hostile archives: nothing outside the directory is touched, the error is one line, nothing is left.
import "../fixture/fresh-namespaces.ts";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { renderTarHeader, tarEnd } from "../../src/image/tar-write.ts";
import { parseUnpackLimits } from "../../src/image/unpack-limit.ts";
import { stageLayer } from "../../src/kernel/tree/layer.ts";
import { type ArchiveEntry, makeTar } from "../fixture/busybox.ts";
import { needRoot } from "../fixture/root.ts";

interface Place {
  readonly base: string;
  unpack(source: AsyncIterable<Uint8Array>, limit?: string): Promise<unknown>;
  /** What is outside is as it was, and nothing is left inside. */
  check(what: string): void;
}

function makePlace(t: Test): Place {
  const base = mkdtempSync(`${tmpdir()}/tsns-hostile-`);
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(`${base}/private`);
  mkdirSync(`${base}/outside`);
  writeFileSync(`${base}/outside/file`, "precious", { mode: 0o640 });
  return {
    base,
    unpack: (source, limit) => stageLayer(source, `${base}/private/layer`, limit === undefined ? {} : { limits: parseUnpackLimits(limit) }),
    check(what) {
      t.same(readdirSync(`${base}/outside`), ["file"], what);
      t.equal(readFileSync(`${base}/outside/file`, "utf8"), "precious", what);
      t.match(lstatSync(`${base}/outside/file`), { mode: 0o100640, nlink: 1 }, what);
    },
  };
}

async function* one(bytes: Buffer) {
  yield bytes;
}

const isOneLine = (t: Test, error: unknown): void => {
  t.ok(error instanceof TsnsError);
  if (error instanceof TsnsError) t.ok(error.message.length < 500);
};

/** Refused or harmless: either way nothing outside changes. */
async function attack(t: Test, what: string, entries: readonly ArchiveEntry[]): Promise<unknown> {
  const place = makePlace(t);
  const aimed = entries.map((entry) => ({
    ...entry,
    ...(entry.linkPath ? { linkPath: entry.linkPath.replace("OUTSIDE", `${place.base}/outside`) } : {}),
  }));
  const error = await place.unpack(one(makeTar(aimed))).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined) {
    isOneLine(t, error);
    t.notOk(existsSync(`${place.base}/private/layer`), `${what}: nothing is left`);
  }
  place.check(what);
  return error;
}

const file = (path: string, data = "evil"): ArchiveEntry => ({ path, type: "file", data });
const symlink = (path: string, linkPath: string): ArchiveEntry => ({ path, type: "symlink", linkPath });
const hardlink = (path: string, linkPath: string): ArchiveEntry => ({ path, type: "link", linkPath });

t.test("ways out", needRoot, async (t) => {
  const refused = { kind: "invalid" };
  t.match(await attack(t, "..", [file("../outside/file")]), refused);
  t.match(await attack(t, ".. in the middle", [file("a/../../outside/file")]), refused);
  t.equal(await attack(t, "an absolute path", [file("/outside/file")]), undefined, "is a path of the image");
  await attack(t, "a link to a directory", [symlink("d", "OUTSIDE"), file("d/file"), file("d/new")]);
  await attack(t, "a link with ..", [symlink("d", "../../outside"), file("d/file")]);
  await attack(t, "a link to a file", [symlink("f", "OUTSIDE/file"), file("f")]);
  await attack(t, "links in a row", [symlink("a", "b"), symlink("b", "OUTSIDE"), file("a/new")]);
  t.match(await attack(t, "links in a ring", [symlink("a", "b"), symlink("b", "a"), file("a/new")]), { code: "kernel-eloop" });
  await attack(t, "a hard link, written", [hardlink("f", "OUTSIDE/file"), file("f")]);
  t.match(await attack(t, "a hard link", [hardlink("f", "OUTSIDE/file")]), refused);
  t.match(await attack(t, "a hard link with ..", [hardlink("f", "../../outside/file")]), refused);
  await attack(t, "a hard link through a link", [symlink("d", "OUTSIDE"), hardlink("f", "d/file"), file("f")]);
  await attack(t, "a hard link to a link, written", [symlink("l", "OUTSIDE/file"), hardlink("f", "l"), file("f")]);
  await attack(t, "a directory's mode through a link", [symlink("d", "OUTSIDE"), { path: "d", type: "directory", mode: 0o777 }]);
  await attack(t, "a later link", [hardlink("f", "d/file"), symlink("d", "OUTSIDE")]);
});

t.test("tricks with whiteouts, devices and attributes", needRoot, async (t) => {
  await attack(t, "a whiteout through a link", [symlink("d", "OUTSIDE"), file("d/.wh.file", "")]);
  await attack(t, "an opaque mark through a link", [symlink("d", "OUTSIDE"), file("d/.wh..wh..opq", "")]);
  for (const name of [".wh.", ".wh..", ".wh..."]) t.match(await attack(t, name, [file(`d/${name}`, "")]), { code: "bad-archive" });
  t.match(await attack(t, "a whiteout with ..", [file("../.wh.outside", "")]), { code: "archive-escape" });
  await attack(t, "a device through a link", [symlink("d", "OUTSIDE"), { path: "d/sda", type: "block", major: 8, minor: 0 }]);
  await attack(t, "a device, then a file of its name", [
    { path: "null", type: "char", major: 1, minor: 3 },
    file("null", "x".repeat(9000)),
  ]);
  await attack(t, "attributes through a link", [
    symlink("l", "OUTSIDE/file"),
    { ...file("l2"), xattrs: new Map([["trusted.overlay.redirect", Buffer.from("/outside")]]) },
  ]);
});

t.test("names and sizes", needRoot, async (t) => {
  const place = makePlace(t);
  const refuse = async (bytes: Buffer, code: string) => {
    const error = await place.unpack(one(bytes)).catch((reason: unknown) => reason);
    t.match(error, { code });
    isOneLine(t, error);
  };
  const names = await attack(t, "newlines in names", [file("a\nb"), hardlink("c\nd", "never\n")]);
  t.match(names, { code: "bad-archive" });
  await refuse(makeTar([{ path: `${"x".repeat(101)}\0y`, type: "file" }]), "bad-archive");
  await refuse(Buffer.concat([renderTarHeader({ path: "f", type: "file", sizeBytes: 8e15 }), tarEnd()]), "unpack-limit");
  await refuse(makeTar([{ path: "f", type: "file", sizeBytes: 2 ** 53 }]), "bad-archive");
  await refuse(makeTar([file("x".repeat(300))]), "kernel-enametoolong");
  t.equal(
    await attack(t, "the same name in every form", [file("n"), symlink("n", "OUTSIDE"), { path: "n", type: "directory" }, file("n")]),
    undefined,
  );
});

t.test("bombs", needRoot, async (t) => {
  const place = makePlace(t);
  const zeros = gzipSync(Buffer.alloc(64 << 20));
  async function* bomb() {
    yield gzipSync(renderTarHeader({ path: "zeros", type: "file", sizeBytes: 2 ** 36 }));
    for (let at = 0; at < 1024; at++) yield zeros;
  }
  t.match(await place.unpack(bomb()).catch((reason: unknown) => reason), { code: "unpack-limit" }, "a hundred times its size");
  t.match(await place.unpack(bomb(), "1m").catch((reason: unknown) => reason), { code: "unpack-limit" }, "a size that was set");
  const entries = makeTar(Array.from({ length: 11 }, (_, at) => ({ path: `d${at % 2}`, type: "directory" as const })));
  t.match(await place.unpack(one(entries), "entries=10").catch((reason: unknown) => reason), { code: "unpack-limit" });
  t.notOk(existsSync(`${place.base}/private/layer`));
  await place.unpack(one(entries), "entries=11");
  t.throws(() => parseUnpackLimits("much"), { code: "bad-unpack-limit" });
  t.same(parseUnpackLimits("1g,ratio=5"), { ...parseUnpackLimits("ratio=5"), bytes: 2 ** 30 });
});

t.test("memory stays flat", needRoot, async (t) => {
  const place = makePlace(t);
  const pipes = Buffer.concat(
    Array.from({ length: 1000 }, (_, at) =>
      renderTarHeader({ path: `pipe${at}`, type: "fifo", mtimeSeconds: at + 0.5, mtimeNanoseconds: 5e8 }),
    ),
  );
  async function* many() {
    for (let at = 0; at < 60; at++) yield pipes;
    yield tarEnd();
  }
  const before = process.memoryUsage().rss;
  await place.unpack(many());
  t.equal(readdirSync(`${place.base}/private/layer`).length, 1000);
  t.ok(process.memoryUsage().rss - before < 150 << 20, "60,000 things to be done later");
});

t.test("a directory that another process makes a link while it is unpacked into", needRoot, async (t) => {
  const place = makePlace(t);
  const layer = `${place.base}/private/layer`;
  async function* swapped() {
    yield makeTar([{ path: "d/e", type: "directory" }, file("d/e/one")]).subarray(0, 512 * 3);
    renameSync(`${layer}/d`, `${layer}/moved`);
    symlinkSync(`${place.base}/outside`, `${layer}/d`);
    yield makeTar([file("d/file"), symlink("d/link", "x"), { path: "d/dir", type: "directory" }, { path: "d/pipe", type: "fifo" }]);
  }
  const error = await place.unpack(swapped()).catch((reason: unknown) => reason);
  if (error !== undefined) isOneLine(t, error);
  place.check("swapped");
});
