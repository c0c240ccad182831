// Files with holes, times to the nanosecond and links to what comes later: archives as GNU tar and Go write them.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { stageLayer } from "../../src/kernel/tree/layer.ts";
import { readRecipe } from "../../src/kernel/tree/recipe-read.ts";
import { type ArchiveEntry, makeTar } from "../fixture/busybox.ts";
import { needRoot } from "../fixture/root.ts";

function makeBase(t: Test): string {
  const base = mkdtempSync(`${tmpdir()}/tsns-sparse-`);
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  return base;
}

async function* chunks(bytes: Buffer) {
  // in pieces that end anywhere
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const run = (...argv: [string, ...string[]]): string => {
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  return stdout;
};

t.test("holes, in every form of GNU tar", needRoot, async (t) => {
  const base = makeBase(t);
  mkdirSync(`${base}/in`);
  // more runs of data than a header holds, a hole at the end
  const holes = Buffer.alloc(40 * 65536);
  for (let at = 0; at < 40; at++) holes.write(`run ${at}`, at * 65536 + 4096 * (at % 3));
  writeFileSync(`${base}/in/many`, Buffer.alloc(0));
  run(
    "sh",
    "-c",
    `for at in $(seq 0 39); do printf 'run %s' $at | dd of=${base}/in/many bs=1 seek=$((at * 65536 + 4096 * (at % 3))) conv=notrunc status=none; done`,
  );
  truncateSync(`${base}/in/many`, holes.length);
  writeFileSync(`${base}/in/empty`, "");
  truncateSync(`${base}/in/empty`, 1 << 20);
  writeFileSync(`${base}/in/plain`, "plain");
  const long = `${"long-".repeat(30)}name`;
  writeFileSync(`${base}/in/${long}`, "");
  truncateSync(`${base}/in/${long}`, 300_000);
  for (const form of [
    "--format=gnu",
    "--format=pax --sparse-version=0.0",
    "--format=pax --sparse-version=0.1",
    "--format=pax --sparse-version=1.0",
  ]) {
    const tar = `${base}/a.tar`;
    run("tar", ...form.split(" "), "--sparse", "-C", `${base}/in`, "-cf", tar, ".");
    const out = `${base}/${form.replaceAll(/\W/g, "-")}`;
    const bytes = readFileSync(tar);
    t.ok(bytes.length < 1_000_000, `${form}: the archive has holes`);
    const staged = await stageLayer(chunks(bytes), out, { withRecipe: true });
    t.ok(readFileSync(`${out}/many`).equals(holes), `${form}: data stands where it belongs`);
    t.ok(statSync(`${out}/many`).blocks * 512 < 1_000_000, `${form}: holes stay holes`);
    t.same([statSync(`${out}/empty`).size, statSync(`${out}/empty`).blocks], [1 << 20, 0]);
    t.equal(statSync(`${out}/${long}`).size, 300_000, "the real name is another than the header's");
    t.equal(readFileSync(`${out}/plain`, "utf8"), "plain");
    t.equal(staged.sizeBytes, holes.length + (1 << 20) + 5 + 300_000);
    const again: Buffer[] = [];
    for await (const piece of readRecipe({ recipe: `${out}.recipe`, directory: out, diffId: staged.diffId }))
      again.push(Buffer.from(piece));
    t.ok(Buffer.concat(again).equals(bytes), `${form}: the archive can be written again`);
  }
});

t.test("times to the nanosecond", needRoot, async (t) => {
  const base = makeBase(t);
  const times = {
    file: "1600000000.123456789",
    early: "-1.000000001",
    dir: "1500000000.999999999",
    pipe: "1400000000.000000001",
    whole: "1300000000",
  };
  const script = [
    "import sys, tarfile, io, json",
    "out = tarfile.open(sys.argv[1], 'w', format=tarfile.PAX_FORMAT)",
    "for name, time in json.loads(sys.argv[2]).items():",
    "    x = tarfile.TarInfo(name); x.mtime = 0; x.pax_headers = {'mtime': time}",
    "    x.type = {'dir': tarfile.DIRTYPE, 'pipe': tarfile.FIFOTYPE}.get(name, tarfile.REGTYPE)",
    "    out.addfile(x, io.BytesIO(b''))",
    "x = tarfile.TarInfo('link'); x.type = tarfile.SYMTYPE; x.linkname = 'file'; x.pax_headers = {'mtime': '1200000000.5'}; out.addfile(x)",
    "out.close()",
  ].join("\n");
  run("python3", "-c", script, `${base}/a.tar`, JSON.stringify(times));
  await stageLayer(chunks(readFileSync(`${base}/a.tar`)), `${base}/out`);
  const nanos = (name: string) => run("stat", "-c", "%.9Y", `${base}/out/${name}`).trim();
  t.same(["file", "early", "dir", "pipe", "whole", "link"].map(nanos), [
    times.file,
    "-1.000000001",
    times.dir,
    times.pipe,
    `${times.whole}.000000000`,
    "1200000000.500000000",
  ]);
});

t.test("hard links to what comes later, and to what was replaced", needRoot, async (t) => {
  const base = makeBase(t);
  const link = (path: string, linkPath: string): ArchiveEntry => ({ path, type: "link", linkPath });
  const note = new Map([["user.note", Buffer.from("kept")]]);
  const archive = makeTar([
    link("second", "first"),
    link("d/first", "d/later"),
    { path: "d/later", type: "file", data: "later" },
    link("first", "d/first"),
    { path: "old", type: "file", data: "old", xattrs: note },
    link("kept", "old"),
    { path: "old", type: "file", data: "new" },
  ]);
  const { warnings } = await stageLayer(chunks(archive), `${base}/out`);
  const inode = (name: string) => statSync(`${base}/out/${name}`).ino;
  t.equal(inode("d/first"), inode("d/later"));
  t.equal(inode("first"), inode("d/later"));
  t.equal(inode("second"), inode("d/later"), "a link to a link that comes later");
  t.same(
    ["old", "kept"].map((name) => readFileSync(`${base}/out/${name}`, "utf8")),
    ["new", "old"],
  );
  const attribute = spawnSync("getfattr", ["-n", "user.note", "--only-values", `${base}/out/kept`], { encoding: "utf8" });
  if (warnings.length === 0 && attribute.status === 0) t.equal(attribute.stdout, "kept", "the other name keeps its attributes");
});
