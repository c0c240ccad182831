// Layers unpacked as root: owners, modes, nodes, attributes, whiteouts in overlay's form, and hostile archives.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { stageLayer } from "../../src/kernel/tree/layer.ts";
import type { Unpacked } from "../../src/kernel/tree/unpack.ts";
import { type ArchiveEntry, makeTar } from "../fixture/busybox.ts";
import { needRoot } from "../fixture/root.ts";

interface Place {
  /** A private directory; `outside` beside it must never change. */
  readonly directory: string;
  readonly outside: string;
  unpack(name: string, entries: readonly ArchiveEntry[]): Promise<Unpacked & { readonly path: string }>;
}

function makePlace(t: Test): Place {
  const base = mkdtempSync(`${tmpdir()}/tsns-unpack-`);
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  const [directory, outside] = [`${base}/private`, `${base}/outside`];
  mkdirSync(directory);
  mkdirSync(outside);
  writeFileSync(`${outside}/file`, "precious");
  async function* bytes(entries: readonly ArchiveEntry[]) {
    yield makeTar(entries);
  }
  return { directory, outside, unpack: (name, entries) => stageLayer(bytes(entries), `${directory}/${name}`) };
}

const dir = (path: string, more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({ path, type: "directory", ...more });
const file = (path: string, data = "", more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({ path, type: "file", data, ...more });
const link = (path: string, linkPath: string): ArchiveEntry => ({ path, type: "symlink", linkPath });

/** Attribute as hexadecimal, undefined when it is not there. */
function attribute(path: string, name: string): string | undefined {
  const script = "import os,sys; print(os.getxattr(sys.argv[1], sys.argv[2], follow_symlinks=False).hex())";
  const { status, stdout } = spawnSync("python3", ["-c", script, path, name], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Mounts layers (uppermost first) as overlay does for a container and returns the merged names below a path. */
function merged(t: Test, place: Place, layers: readonly string[]): string {
  const at = mkdtempSync(`${place.directory}/merged-`);
  mkdirSync(`${place.directory}/bottom`, { recursive: true });
  const lower = [...layers, `${place.directory}/bottom`].join(":");
  const { status, stderr } = spawnSync("mount", ["-t", "overlay", "overlay", "-o", `lowerdir=${lower}`, at], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  t.teardown(() => void spawnSync("umount", [at]));
  return at;
}

t.test("owners, modes, times, links", needRoot, async (t) => {
  const place = makePlace(t);
  const { path, sizeBytes, entries } = await place.unpack("a", [
    dir("./", { mode: 0o711, uid: 5 }),
    dir("d", { mode: 0o2555, uid: 1000, gid: 50, mtimeSeconds: 1500000000 }),
    file("d/f", "hello", { mode: 0o4751, uid: 7, gid: 8, mtimeSeconds: 1500000001.5 }),
    link("d/l", "/absolute/../target"),
    { path: "d/h", type: "link", linkPath: "./d/f" },
    file("implicit/parent/f", "xx"),
    file("empty"),
    dir("early", { mtimeSeconds: -31536000 }),
    file("early/f", "", { mtimeSeconds: -1.5 }),
    { ...link("early/l", "f"), mtimeSeconds: -2 },
  ]);
  t.match({ sizeBytes, entries }, { sizeBytes: 7, entries: 10 });
  t.strictSame(
    ["early", "early/f", "early/l"].map((name) => lstatSync(`${path}/${name}`).mtimeMs),
    [-31536000000, -1500, -2000],
    "before 1970",
  );
  t.match(lstatSync(path), { mode: 0o40711, uid: 5 });
  t.match(lstatSync(`${path}/d`), { mode: 0o42555, uid: 1000, gid: 50, mtimeMs: 1500000000000 });
  t.match(lstatSync(`${path}/d/f`), { mode: 0o104751, uid: 7, gid: 8, mtimeMs: 1500000001500, nlink: 2 });
  t.equal(lstatSync(`${path}/d/h`).ino, lstatSync(`${path}/d/f`).ino);
  t.equal(readlinkSync(`${path}/d/l`), "/absolute/../target");
  t.match(lstatSync(`${path}/implicit/parent`), { mode: 0o40755, uid: 0 });
});

t.test("nodes, fifos and attributes that belong to files", needRoot, async (t) => {
  const place = makePlace(t);
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  const { path, warnings } = await place.unpack("a", [
    { path: "dev/null", type: "char", major: 1, minor: 3, mode: 0o666, uid: 3 },
    { path: "dev/disk", type: "block", major: 259, minor: 70000, mode: 0o660, gid: 6 },
    { path: "pipe", type: "fifo", mode: 0o600, mtimeSeconds: 1500000000 },
    { path: "null2", type: "link", linkPath: "dev/null" },
    file("ping", "x", {
      uid: 9,
      xattrs: new Map([
        ["security.capability", capability],
        ["user.note", Buffer.from([0, 255])],
      ]),
    }),
    file("evil", "x", {
      xattrs: new Map([
        ["trusted.overlay.redirect", Buffer.from("/etc")],
        ["user.overlay.opaque", Buffer.from("y")],
      ]),
    }),
  ]);
  t.match(lstatSync(`${path}/dev/null`), { mode: 0o20666, uid: 3, rdev: 0x103 });
  t.match(lstatSync(`${path}/dev/disk`), { mode: 0o60660, gid: 6 });
  t.match(lstatSync(`${path}/pipe`), { mode: 0o10600, mtimeMs: 1500000000000 });
  t.equal(lstatSync(`${path}/null2`).ino, lstatSync(`${path}/dev/null`).ino, "a hard link to a node");
  t.equal(attribute(`${path}/ping`, "security.capability"), capability.toString("hex"));
  // a tmpfs or an old file system may refuse user attributes, and then says so
  if (warnings.length === 0) t.equal(attribute(`${path}/ping`, "user.note"), "00ff");
  t.equal(attribute(`${path}/evil`, "trusted.overlay.redirect"), undefined, "an archive cannot steer overlay");
  t.equal(attribute(`${path}/evil`, "user.overlay.opaque"), undefined);
});

t.test("whiteouts hide what lies below, seen through overlay", needRoot, async (t) => {
  const place = makePlace(t);
  const lower = await place.unpack("lower", [
    dir("etc"),
    file("etc/gone", "1"),
    file("etc/kept", "1"),
    dir("opaque"),
    file("opaque/old", "1"),
    dir("replaced"),
    file("replaced/old", "1"),
    file("both", "1"),
    file("tree/a/b", "1"),
  ]);
  const upper = await place.unpack("upper", [
    dir("etc"),
    file("etc/.wh.gone"),
    dir("opaque"),
    file("opaque/.wh..wh..opq"),
    file("opaque/new", "2"),
    dir("replaced"),
    file("replaced/new", "2"),
    file(".wh.replaced"),
    file("both", "2"),
    file(".wh.both"),
    file(".wh.tree"),
    dir(".wh..wh.plnk"),
    file(".wh..wh.plnk/1.2", "x"),
    file("a/.wh..wh.aufs", "x"),
  ]);
  t.match(lstatSync(`${upper.path}/etc/gone`), { mode: 0o20000, rdev: 0 });
  t.equal(attribute(`${upper.path}/opaque`, "trusted.overlay.opaque"), "79");
  t.notOk(existsSync(`${upper.path}/.wh..wh.plnk`), "AUFS's own files are no files");
  const at = merged(t, place, [upper.path, lower.path]);
  t.same(readdirSync(at).sort(), ["both", "etc", "opaque", "replaced"]);
  t.same(readdirSync(`${at}/etc`), ["kept"]);
  t.same(readdirSync(`${at}/opaque`), ["new"]);
  t.same(readdirSync(`${at}/replaced`), ["new"], "removed and made again in one layer");
  t.equal(readFileSync(`${at}/both`, "utf8"), "2");
});

t.test("later entries replace earlier ones", needRoot, async (t) => {
  const place = makePlace(t);
  const { path } = await place.unpack("a", [
    file("x", "1"),
    file("x", "2"),
    file("d/deep/f", "1", { xattrs: new Map([["user.note", Buffer.from("1")]]) }),
    { path: "d/deep/null", type: "char", major: 1, minor: 3 },
    file("d/.wh..wh..opq"),
    file("d", "a file now"),
    file("l/f", "1"),
    link("l", "nowhere"),
    link("s", "x"),
    dir("s", { mode: 0o700 }),
    dir("twice", { mode: 0o700 }),
    file("twice/f", "1"),
    dir("twice", { mode: 0o711 }),
    { path: "node", type: "char", major: 1, minor: 3 },
    file("node", "plain"),
  ]);
  t.equal(readFileSync(`${path}/x`, "utf8"), "2");
  t.equal(readFileSync(`${path}/d`, "utf8"), "a file now");
  t.equal(readlinkSync(`${path}/l`), "nowhere");
  t.ok(lstatSync(`${path}/s`).isDirectory());
  t.match(lstatSync(`${path}/twice`), { mode: 0o40711 });
  t.equal(readFileSync(`${path}/twice/f`, "utf8"), "1", "a directory named again keeps its files");
  t.equal(readFileSync(`${path}/node`, "utf8"), "plain");
});

t.test("directories beyond what is kept in memory, in odd orders", needRoot, async (t) => {
  const place = makePlace(t);
  const many = (round: number) => Array.from({ length: 8200 }, (_, at) => dir(`many/${at}`, { mtimeSeconds: 1500000000 + round }));
  const started = Date.now();
  const { path } = await place.unpack("a", [
    file("child/before/f", "1"),
    dir("changed", { mode: 0o700, mtimeSeconds: 1500000000.25, mtimeNanoseconds: 250_000_000 }),
    dir("closed", { mode: 0o500, uid: 9, mtimeSeconds: 1500000001 }),
    dir("link/below", { mode: 0o711, mtimeSeconds: 1500000002 }),
    dir("back/below", { mode: 0o711, uid: 3, mtimeSeconds: 1500000003 }),
    dir("hidden"),
    file("hidden/.wh.name"),
    dir("opaque"),
    file("opaque/.wh..wh..opq"),
    file(".wh.again"),
    file("lost/.wh.name"),
    ...many(1),
    file("closed/late", "1"),
    dir("child/before", { mode: 0o750, mtimeSeconds: 1500000004 }),
    dir("changed", { mode: 0o711, mtimeSeconds: 1500000005 }),
    link("link", "closed"),
    file("back", "a file"),
    file("lost", "a file"),
    ...many(2),
    link("back", "nowhere"),
    dir("back"),
    file("back/below/f", "1"),
    dir("again"),
    { path: "closed/hard", type: "link", linkPath: "child/before/f" },
    ...many(3),
  ]);
  const of = (name: string) => lstatSync(`${path}/${name}`);
  t.match(of("closed"), { mode: 0o40500, uid: 9, mtimeMs: 1500000001000 }, "what came into it later is not seen in its time");
  t.match(of("child/before"), { mode: 0o40750, mtimeMs: 1500000004000 });
  t.match(of("changed"), { mode: 0o40711, mtimeMs: 1500000005000 });
  t.equal(readlinkSync(`${path}/link`), "closed");
  t.match(of("back/below"), { mode: 0o40755, uid: 0 }, "another directory than the first of that name");
  t.ok(of("back/below").mtimeMs >= started - 5000);
  t.match(of("hidden/name"), { mode: 0o20000, rdev: 0 });
  for (const name of ["opaque", "again"]) t.equal(attribute(`${path}/${name}`, "trusted.overlay.opaque"), "79", name);
  t.ok(of("lost").isFile());
  t.match([of("many/0").mtimeMs, of("many/8199").mtimeMs], [1500000003000, 1500000003000], "the last word counts");
  t.same(readdirSync(place.directory), ["a"]);
});

t.test("names that are no UTF-8", needRoot, async (t) => {
  const place = makePlace(t);
  const { path } = await place.unpack("a", [
    file("\xff\xfe/\x80", "1"),
    link("\xff\xfe/l", "\x81"),
    dir("\xff\xfe/d"),
    file("\xff\xfe/d", "2"),
  ]);
  t.same(readdirSync(path, "latin1"), ["\xff\xfe"]);
  t.same(readdirSync(Buffer.from(`${path}/\xff\xfe`, "latin1"), "latin1").sort(), ["d", "l", "\x80"]);
});

t.test("hostile archives stay inside", needRoot, async (t) => {
  const place = makePlace(t);
  const { outside, directory } = place;
  const inRoot = async (name: string, entries: ArchiveEntry[], expected: string) => {
    const { path } = await place.unpack(name, entries);
    t.ok(existsSync(`${path}/${expected}`), `${name}: lands inside`);
  };
  const refused = (name: string, entries: ArchiveEntry[], code = "archive-escape") =>
    t.rejects(place.unpack(name, entries), { name: "TsnsError", kind: "invalid", code }, name);

  await inRoot("absolute path", [file(`${outside}/new`, "x")], `${outside}/new`);
  await inRoot("absolute link", [link("l", outside), file("l/file", "x")], `${outside}/file`);
  await inRoot("link upwards", [link("d/l", "../../../../../.."), file("d/l/up", "x")], "up");
  await inRoot("link to a link", [link("a", "b"), link("b", "/c/../../d"), file("a/f", "x")], "d/f");
  await inRoot("file over a link", [link("l", `${outside}/file`), file("l", "x")], "l");
  await inRoot("directory over a link", [link("l", outside), dir("l", { mode: 0o777 }), file("l/file", "x")], "l/file");
  await inRoot("dots that stay inside", [file("a/b/../c", "x")], "a/c");
  await refused("dots upwards", [file("../new", "x")]);
  await refused("deep ..", [file("a/../../new", "x")]);
  await refused("hard link upwards", [{ path: "h", type: "link", linkPath: "../../outside/file" }]);
  await refused("hard link absolute", [{ path: "h", type: "link", linkPath: `${outside}/file` }], "bad-archive");
  await refused("hard link through a link", [link("l", outside), { path: "h", type: "link", linkPath: "l/file" }], "bad-archive");
  await refused("hard link to a directory", [dir("d"), { path: "h", type: "link", linkPath: "d" }], "bad-archive");
  await refused("hard link to nothing", [{ path: "h", type: "link", linkPath: "none" }], "bad-archive");
  await refused("whiteout of ..", [file(".wh..", "")], "bad-archive");
  await refused("whiteout of nothing", [file("d/.wh.", "")], "bad-archive");
  await refused("below a file", [file("f", "x"), file("f/g", "x")], "bad-archive");
  await refused("root as a file", [file("./", "x", { type: "symlink", linkPath: outside })], "bad-archive");
  await t.rejects(place.unpack("link loop", [link("a", "b"), link("b", "a"), file("a/f", "x")]), { name: "KernelError", errno: "ELOOP" });
  await t.rejects(place.unpack("long name", [file("n".repeat(300), "x")]), { name: "KernelError", errno: "ENAMETOOLONG" });

  t.same(readdirSync(outside), ["file"], "nothing appeared outside");
  t.match(lstatSync(`${outside}/file`), { nlink: 1 }, "nothing outside got a second name");
  t.equal(readFileSync(`${outside}/file`, "utf8"), "precious");
  const left = readdirSync(directory).filter((name) => ["dots upwards", "hard link upwards", "below a file", "link loop"].includes(name));
  t.same(left, [], "what was refused left nothing");
});

t.test("a hard link to a link does not lead a write outside", needRoot, async (t) => {
  const place = makePlace(t);
  const { path } = await place.unpack("a", [
    link("l", `${place.outside}/file`),
    { path: "h", type: "link", linkPath: "l" },
    file("h", "x"),
  ]);
  t.equal(readFileSync(`${path}/h`, "utf8"), "x");
  t.equal(readFileSync(`${place.outside}/file`, "utf8"), "precious");
});

t.test("compressed layers", needRoot, async (t) => {
  const place = makePlace(t);
  const archive = makeTar([file("f", "x".repeat(300_000))]);
  const plain = await stageLayer(pieces(archive, 1000), `${place.directory}/plain`);
  for (const [program, ...args] of [
    ["gzip", "-c"],
    ["zstd", "-qc"],
    ["xz", "-c"],
    ["bzip2", "-c"],
  ] as const) {
    const packed = spawnSync(program, args, { input: archive, maxBuffer: 1 << 24 });
    if (packed.error) {
      t.pass(`${program} is not installed`);
      continue;
    }
    const staged = await stageLayer(pieces(packed.stdout, 3), `${place.directory}/${program}`);
    t.equal(staged.diffId, plain.diffId, program);
    const broken = Buffer.from(packed.stdout);
    broken.fill(0x55, broken.length >> 1);
    await t.rejects(stageLayer(pieces(broken, 500), `${place.directory}/broken`), { name: "TsnsError" }, `${program}, damaged`);
    t.notOk(existsSync(`${place.directory}/broken`));
  }
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
