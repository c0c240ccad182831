// A layer's tar written again from its recipe and its tree: the same bytes for every kind of archive, or an error.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import t from "tap";
import { compressGzip } from "../../src/kernel/tree/gzip.ts";
import { placeLayer, stageLayer } from "../../src/kernel/tree/layer.ts";
import { readRecipe, readRecipeIndex } from "../../src/kernel/tree/recipe-read.ts";
import { type ArchiveEntry, makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { needRoot } from "../fixture/root.ts";

async function* chunksOf(bytes: Buffer, sizeBytes = 7001): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const directory = mkdtempSync("/tmp/tsns-recipe-");
t.teardown(() => rmSync(directory, { recursive: true, force: true }));
let number = 0;

/** Stages and places a tar, and writes it again. */
async function again(
  tar: Buffer,
): Promise<{ readonly bytes: Buffer; readonly place: { recipe: string; directory: string; diffId: string } }> {
  const staged = await stageLayer(chunksOf(tar), `${directory}/${number++}`, { withRecipe: true });
  const target = `${directory}/placed/${number}`;
  placeLayer(staged, target);
  const place = { recipe: `${target}.recipe`, directory: target, diffId: staged.diffId };
  return { bytes: await collect(readRecipe(place)), place };
}

t.test("a root file system", needRoot, async (t) => {
  const tar = makeBusyboxTar();
  const { bytes, place } = await again(tar);
  t.ok(bytes.equals(tar));
  t.equal(place.diffId, digestOf(tar));
  t.equal(readRecipeIndex(place.recipe)?.tarBytes, tar.length);
  t.ok(statSync(place.recipe).size < 20_000, "headers only, compressed");
});

t.test("entries that replace others, names as bytes, what follows the end", needRoot, async (t) => {
  const entries: ArchiveEntry[] = [
    { path: "a", type: "file", data: "first" },
    { path: "a", type: "file", data: "second, longer" },
    { path: "d/x", type: "file", data: "below" },
    { path: "d/y", type: "link", linkPath: "d/x" },
    { path: "d", type: "file", data: "instead of a directory" },
    { path: "d", type: "directory" },
    { path: "d/x", type: "file", data: "again below" },
    { path: "l", type: "symlink", linkPath: "d" },
    { path: "l/through", type: "file", data: "a link" },
    { path: "caf\u00e9", type: "file", data: "latin1" },
    { path: `${"deep/".repeat(40)}name`, type: "file", data: "long" },
    { path: ".wh..wh.plnk/3", type: "file", data: "aufs keeps it, nobody else" },
    { path: ".wh.gone", type: "file" },
    { path: "empty", type: "file" },
    {
      path: "cap",
      type: "file",
      data: "x",
      xattrs: new Map([["security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex")]]),
    },
    { path: "fifo", type: "fifo" },
  ];
  const tar = Buffer.concat([makeTar(entries), Buffer.alloc(8192), Buffer.from("what nobody reads")]);
  const { bytes, place } = await again(tar);
  t.ok(bytes.equals(tar));
  t.ok(existsSync(`${place.directory}.displaced`), "what was replaced is kept aside");
});

t.test("any archive", needRoot, async () => {
  const name = fc.constantFrom("a", "b", "c", "a/b", "a/c", "b/a/c");
  const entry = fc.record({
    path: name,
    type: fc.constantFrom("file" as const, "directory" as const),
    data: fc.string({ maxLength: 2000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async (entries) => {
      const tar = makeTar(entries.map(({ path, type, data }) => (type === "file" ? { path, type, data } : { path, type })));
      const staged = await again(tar).catch((error: unknown) => {
        // a file where a directory is needed is no archive to unpack
        if (error instanceof Error && /below/.test(error.message)) return undefined;
        throw error;
      });
      return staged === undefined || staged.bytes.equals(tar);
    }),
    { numRuns: 60 },
  );
});

t.test("a changed tree or recipe is noticed", needRoot, async (t) => {
  const { place } = await again(makeTar([{ path: "a", type: "file", data: "contents" }]));
  writeFileSync(`${place.directory}/a`, "Contents");
  await t.rejects(collect(readRecipe(place)), { code: "layer-changed" });
  writeFileSync(`${place.directory}/a`, "short");
  await t.rejects(collect(readRecipe(place)), { code: "layer-changed" });
  rmSync(`${place.directory}/a`);
  await t.rejects(collect(readRecipe(place)), { code: "layer-changed", message: /\/a is gone/ });
  writeFileSync(place.recipe, "nothing of the kind");
  await t.rejects(collect(readRecipe(place)), { code: "recipe-damaged" });
});

t.test("gzip of blocks side by side is one member", async (t) => {
  for (const sizeBytes of [0, 1, 512 << 10, (2 << 20) + 17]) {
    const bytes = Buffer.alloc(sizeBytes, "some text that repeats and repeats ");
    const packed = await collect(compressGzip(chunksOf(bytes, 65_521)));
    t.ok(gunzipSync(packed).equals(bytes), `${sizeBytes} bytes`);
    t.ok(packed.equals(await collect(compressGzip(chunksOf(bytes, 999)))), "however they come");
  }
});
