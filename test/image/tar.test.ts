// The tar reader against the writer, GNU tar, and damaged bytes.
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import t from "tap";
import { openTarReader, type TarEntry } from "../../src/image/tar.ts";
import { renderTarHeader, tarEnd, tarPadding } from "../../src/image/tar-write.ts";
import { makeTar } from "../fixture/busybox.ts";

interface Read {
  readonly entry: TarEntry;
  readonly data: Buffer;
}

function read(archive: Buffer, chunkBytes = archive.length || 1): Read[] {
  const entries: { entry: TarEntry; data: Buffer[]; ended: boolean }[] = [];
  const reader = openTarReader({
    entry: (entry) => void entries.push({ entry, data: [], ended: false }),
    data: (piece) => void entries.at(-1)?.data.push(Buffer.from(piece)),
    end() {
      const last = entries.at(-1);
      if (last) last.ended = true;
    },
  });
  for (let at = 0; at < archive.length; at += chunkBytes) reader.push(archive.subarray(at, at + chunkBytes));
  reader.finish();
  if (!entries.every((entry) => entry.ended)) throw new Error("an entry did not end");
  return entries.map(({ entry, data }) => ({ entry, data: Buffer.concat(data) }));
}

const long = `${"directory/".repeat(30)}file`;
const capability = Buffer.from([1, 0, 0, 2, 0xc0, 0x30, 0xff, 0, 10, 0, 0x3d, 0x80]);

t.test("what is written is read, in pieces of any size", async (t) => {
  const archive = makeTar([
    { path: "d/", type: "directory", mode: 0o2755, uid: 1000, gid: 50, mtimeSeconds: 1600000000 },
    { path: "d/f", type: "file", mode: 0o4755, data: "hello", mtimeSeconds: 1600000000.25 },
    { path: "d/empty", type: "file" },
    { path: long, type: "file", data: "x".repeat(1025) },
    { path: "l", type: "symlink", linkPath: long },
    { path: "h", type: "link", linkPath: "d/f" },
    { path: "c", type: "char", major: 1, minor: 3 },
    { path: "b", type: "block", major: 259, minor: 70000 },
    { path: "p", type: "fifo" },
    { path: "ids", type: "file", uid: 3_000_000_000, gid: 2_500_000 },
    { path: "old", type: "file", mtimeSeconds: -5 },
    { path: "cap", type: "file", xattrs: new Map([["security.capability", capability]]) },
    { path: "gr\xc3\xbc\xc3\x9fe\xff", type: "file" },
  ]);
  for (const chunkBytes of [archive.length, 1, 7, 511, 512, 513]) {
    const entries = read(archive, chunkBytes);
    const find = (path: string) => entries.find(({ entry }) => entry.path === path);
    t.equal(entries.length, 13);
    t.match(entries[0]?.entry, { path: "d/", type: "directory", mode: 0o2755, uid: 1000, gid: 50, mtimeSeconds: 1600000000 });
    t.match(find("d/f")?.entry, { mode: 0o4755, sizeBytes: 5, mtimeSeconds: 1600000000.25 });
    t.equal(find("d/f")?.data.toString(), "hello");
    t.equal(find(long)?.data.length, 1025);
    t.equal(find("l")?.entry.linkPath, long);
    t.match(find("h")?.entry, { type: "link", linkPath: "d/f", sizeBytes: 0 });
    t.match(find("c")?.entry, { type: "char", major: 1, minor: 3 });
    t.match(find("b")?.entry, { type: "block", major: 259, minor: 70000 });
    t.match(find("p")?.entry, { type: "fifo" });
    t.match(find("ids")?.entry, { uid: 3_000_000_000, gid: 2_500_000 });
    t.equal(find("old")?.entry.mtimeSeconds, -5);
    t.same(find("cap")?.entry.xattrs.get("security.capability"), capability, "binary values stay binary");
    t.ok(find("gr\xc3\xbc\xc3\x9fe\xff"), "names are bytes");
  }
});

t.test("GNU tar's formats", async (t) => {
  const directory = t.testdir();
  mkdirSync(`${directory}/${"deep/".repeat(60)}`, { recursive: true });
  writeFileSync(`${directory}/${"deep/".repeat(60)}file`, "data");
  symlinkSync("x".repeat(150), `${directory}/link`);
  for (const format of ["gnu", "posix", "ustar", "oldgnu", "v7"]) {
    const isLong = format === "gnu" || format === "posix" || format === "oldgnu";
    const what = isLong ? ["."] : ["--exclude=link", "--exclude=deep/deep", "."];
    const { stdout, status } = spawnSync("tar", ["-C", directory, `--format=${format}`, "-c", ...what], { maxBuffer: 1 << 24 });
    t.equal(status, 0, format);
    const entries = read(stdout);
    if (!isLong) {
      t.same(
        entries.map(({ entry }) => entry.type),
        ["directory", "directory"],
        format,
      );
      continue;
    }
    const file = entries.find(({ entry }) => entry.type === "file");
    t.equal(file?.entry.path, `./${"deep/".repeat(60)}file`, format);
    t.equal(file?.data.toString(), "data");
    t.equal(entries.find(({ entry }) => entry.type === "symlink")?.entry.linkPath, "x".repeat(150), format);
  }
});

t.test("GNU tar reads what is written", async (t) => {
  const archive = makeTar([
    { path: long, type: "file", data: "x".repeat(600) },
    { path: "s", type: "symlink", linkPath: "y".repeat(120) },
  ]);
  const { stdout } = spawnSync("tar", ["-tvf", "-"], { input: archive, encoding: "utf8", env: { PATH: process.env.PATH, TZ: "UTC" } });
  t.match(stdout, new RegExp(` 600 1970-01-01 00:00 ${long}\n`));
  t.match(stdout, `s -> ${"y".repeat(120)}`);
});

t.test("members can be left out unread", async (t) => {
  const names: string[] = [];
  const archive = makeTar([
    { path: "a", type: "file", data: "x".repeat(700) },
    { path: "b", type: "file", data: "y" },
    { path: "c", type: "directory" },
  ]);
  const reader = openTarReader({ entry: (entry) => void names.push(entry.path), data: () => t.fail("no data is wanted"), end() {} });
  for (let at = 0; at < archive.length && !reader.ended; ) {
    reader.push(archive.subarray(at, at + 512));
    at += 512 + reader.skip();
  }
  reader.finish();
  t.same(names, ["a", "b", "c"]);
});

t.test("damage is told, never guessed around", async (t) => {
  const good = makeTar([{ path: "f", type: "file", data: "x".repeat(700) }]);
  const refuses = (archive: Buffer, what: string, code = "bad-archive") => t.throws(() => read(archive), { name: "TsnsError", code }, what);
  refuses(good.subarray(0, 100), "half a header");
  refuses(good.subarray(0, 600), "half the data");
  refuses(good.subarray(0, 512 + 701), "no padding");
  t.equal(read(good.subarray(0, 512 + 1024)).length, 1, "no end mark is fine");
  const flipped = Buffer.from(good);
  flipped[0] = 0x67;
  refuses(flipped, "a wrong checksum");
  refuses(Buffer.alloc(512, "random text "), "no tar at all");
  const sized = (sizeBytes: number, type: string) => {
    const header = renderTarHeader({ path: "x", type: "file", sizeBytes });
    header.write(type, 156, "latin1");
    header.fill(" ", 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0`,
      148,
      "latin1",
    );
    return header;
  };
  refuses(sized(1 << 30, "x"), "a pax header of a gigabyte");
  refuses(Buffer.concat([sized(4, "x"), Buffer.from("junk"), tarPadding(4), tarEnd()]), "a pax header that is none");
  refuses(Buffer.concat([sized(9, "x"), Buffer.from("9 path=a\n"), tarPadding(9)]), "a pax header without entry");
  refuses(Buffer.concat([sized(11, "x"), Buffer.from("11 path=a\0\n"), tarPadding(11), good]), "a NUL in a name");
  refuses(Buffer.concat([sized(12, "x"), Buffer.from("12 uid=1e99\n"), tarPadding(12), good]), "an id that is none");
  refuses(
    Buffer.concat([sized(22, "x"), Buffer.from("22 GNU.sparse.major=2\n"), tarPadding(22), good]),
    "a sparse file of a format to come",
    "archive-entry-type",
  );
  refuses(sized(1, "S"), "an old sparse file without a map for its data");
  refuses(sized(0, "Q"), "an unknown type", "archive-entry-type");
});
