// A damaged recipe, and a part of a manifest list that another program has written: an error of ours or what was meant, never anything else.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { entryObject, type ListEntry, parseEntry } from "../../src/image/manifest-list.ts";
import { openRecipeWriter } from "../../src/kernel/tree/recipe.ts";
import { readRecipe } from "../../src/kernel/tree/recipe-read.ts";
import { sha256 } from "../fixture/docker-archive.ts";

const directory = mkdtempSync("/tmp/tsns-fuzz-");
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

async function write(recipe: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readRecipe({ recipe, directory: `${directory}/tree`, diffId })) pieces.push(piece);
  return Buffer.concat(pieces);
}

const tar = Buffer.concat([Buffer.alloc(700, "header"), Buffer.from("contents of a"), Buffer.alloc(900, "padding")]);
const diffId = `sha256:${sha256(tar)}`;
mkdirSync(`${directory}/tree`);
writeFileSync(`${directory}/tree/a`, "contents of a");
const recipe = openRecipeWriter(`${directory}/whole.recipe`);
recipe.literal(tar.subarray(0, 700));
recipe.data("a", 13);
recipe.literal(tar.subarray(713));
recipe.finish();
const whole = readFileSync(`${directory}/whole.recipe`);

t.test("a damaged recipe", async (t) => {
  t.ok((await write(`${directory}/whole.recipe`)).equals(tar));
  const damage = fc.oneof(
    fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return bytes;
    }),
    fc.nat(whole.length).map((length) => whole.subarray(0, length)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from(bytes), whole.subarray(-12)])),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (bytes) => {
      writeFileSync(`${directory}/damaged.recipe`, bytes);
      try {
        return (await write(`${directory}/damaged.recipe`)).equals(tar);
      } catch (error) {
        return error instanceof TsnsError && /recipe-damaged|layer-changed/.test(error.code);
      }
    }),
    { numRuns: 300 },
  );
});

t.test("names that no file has, and what is none", async (t) => {
  for (const [at, name] of ["n".repeat(5000), "a\0b", "", ".", "a/b"].entries()) {
    const writer = openRecipeWriter(`${directory}/named${at}.recipe`);
    writer.data(name, 13);
    writer.finish();
    await t.rejects(write(`${directory}/named${at}.recipe`), { code: /recipe-damaged|layer-changed/ }, JSON.stringify(name.slice(0, 9)));
  }
});

t.test("an entry of a manifest list", async (t) => {
  const entry: ListEntry = {
    reference: "localhost:5000/a:1",
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    digest: `sha256:${"0".repeat(64)}`,
    bytes: Buffer.from("{}"),
    platform: { architecture: "arm64", os: "linux", variant: "v8", osVersion: "1", osFeatures: ["x"] },
  };
  t.same(parseEntry(JSON.stringify(entryObject(entry)), "f"), entry, "what was written is read");
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.object({ withNullPrototype: false }).map((value) => JSON.stringify({ ...entryObject(entry), ...value })),
  );
  fc.assert(
    fc.property(text, (value) => {
      try {
        return typeof parseEntry(value, "f").reference === "string";
      } catch (error) {
        return error instanceof TsnsError && error.code === "bad-local-manifest";
      }
    }),
  );
});
