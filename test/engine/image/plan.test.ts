// What image commands say they will do: the whole plan, and not a trace of it on the disk.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { type Engine, type EngineMode, openEngine } from "../../../src/engine/engine.ts";
import { importImage } from "../../../src/engine/image/import.ts";
import { loadImages } from "../../../src/engine/image/load.ts";
import { removeImage } from "../../../src/engine/image/remove.ts";
import { addTag } from "../../../src/engine/image/tag.ts";
import * as explainer from "../../../src/plan/explain.ts";
import { makeTar } from "../../fixture/busybox.ts";
import { makeDockerArchive, sha256 } from "../../fixture/docker-archive.ts";

const layers = [makeTar([{ path: "a", type: "file", data: "a" }]), makeTar([{ path: "b", type: "file", data: "b" }])];

interface Shown {
  readonly engine: Engine;
  readonly folder: string;
  /** What was printed since the last call. */
  text(): string;
}

function show(t: Test, mode: Partial<EngineMode> = {}): Shown {
  const folder = mkdtempSync(`${tmpdir()}/tsns-plan-`);
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  const engine = openEngine(`${folder}/root`, {
    mode: { dryRun: true, explain: false, timings: false, ...mode },
    explainer,
    print,
    note: print,
  });
  t.teardown(() => {
    engine[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  return {
    engine,
    folder,
    text() {
      const text = printed;
      printed = "";
      return text;
    },
  };
}

const untouched: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]() {
    throw new Error("a dry run reads nothing");
  },
};

t.test("import", async (t) => {
  const { engine, folder, text } = show(t);
  writeFileSync(`${folder}/x.tar`, layers[0] ?? "");
  t.equal(await importImage(engine, { source: `${folder}/x.tar`, sourceName: "x.tar", name: "x" }), undefined);
  t.match(text(), /directory\.create[\s\S]*layer\.unpack[\s\S]*tar -x .* -f \S*\/x\.tar[\s\S]*image\.put[\s\S]*x:latest/);
  t.equal(await importImage(engine, { source: untouched, sourceName: "-" }), undefined);
  t.match(text(), /-f -\n/);
  await t.rejects(importImage(engine, { source: `${folder}/none`, sourceName: "none" }), { name: "KernelError", errno: "ENOENT" });
  await t.rejects(importImage(engine, { source: untouched, sourceName: "-", name: "NO" }), { code: "bad-reference" });
  t.equal(text(), "", "a wrong request has no plan");
  t.notOk(existsSync(engine.root));
});

t.test("load", async (t) => {
  const { engine, folder, text } = show(t);
  const archive = makeDockerArchive([
    { layers, tags: ["one:1", "one:2"] },
    { layers: layers.slice(0, 1), tags: ["two"] },
  ]);
  writeFileSync(`${folder}/plain`, archive);
  t.equal(await loadImages(engine, { source: `${folder}/plain` }), undefined);
  const plan = text();
  t.equal(plan.match(/layer\.unpack/g)?.length, 2, "a layer of both images is unpacked once");
  t.match(plan, /tar -x -O -f \S*\/plain \S+ \| tar -x/);
  t.match(plan, /image\.put[\s\S]*sha256:[0-9a-f]{64} one:1 one:2[\s\S]*image\.put[\s\S]*two:latest/);
  writeFileSync(`${folder}/packed`, gzipSync(archive));
  t.equal(await loadImages(engine, { source: `${folder}/packed` }), undefined);
  t.match(text(), /archive\.copy[\s\S]*image\.put/);
  t.equal(await loadImages(engine, { source: untouched }), undefined);
  t.match(text(), /cat > \S+\/archive/);
  writeFileSync(`${folder}/wrong`, makeTar([{ path: "x", type: "file", data: "" }]));
  await t.rejects(loadImages(engine, { source: `${folder}/wrong` }), { code: "bad-archive" });
  await t.rejects(loadImages(engine, { source: `${folder}/none` }), { name: "KernelError", errno: "ENOENT" });
  t.same(readdirSync(folder).sort(), ["packed", "plain", "wrong"]);
});

t.test("explained, then done", { skip: process.getuid?.() === 0 ? false : "layers belong to root" }, async (t) => {
  const { engine, folder, text } = show(t, { dryRun: false, explain: "sh", timings: true });
  const [layer = Buffer.alloc(0)] = layers;
  writeFileSync(`${folder}/x.tar`, layer);
  const image = await importImage(engine, { source: `${folder}/x.tar`, sourceName: "x.tar", name: "x" });
  t.same(image?.diffIds, [`sha256:${sha256(layer)}`]);
  const script = text();
  const directory = /mkdir -p -m 700 (\S+)/.exec(script)?.[1] ?? "";
  t.match(directory, `${engine.root}/tmp/${process.pid}-`);
  t.match(script, `mkdir -m 700 ${directory}/layer && tar`);
  t.equal(addTag(engine, "x", "y"), "y:latest");
  t.match(text(), `: # the store names image ${image?.id} y:latest`);
  writeFileSync(`${folder}/y.tar`, makeDockerArchive([{ layers, tags: ["z"] }]));
  const loaded = await loadImages(engine, { source: `${folder}/y.tar` });
  const load = text();
  t.equal(load.match(/tar -x -O/g)?.length, 1, "the other layer is there");
  t.match(load, `: # the store records image ${loaded?.[0]?.image.id} z:latest`);
  addTag(engine, "z", "y");
  t.match(text(), /moves from image [0-9a-f]{12}/);
  t.same(removeImage(engine, "y")?.untagged, ["y:latest"]);
  t.match(text(), /^#!\/bin\/sh\n[\s\S]*set -eu\n[\s\S]*: # the store forgets the name y:latest\n$/);
  engine.finish();
  const timings = text();
  for (const phase of ["layer unpacked", "image stored", "name stored", "archive opened", "layers unpacked", "rows removed"])
    t.match(timings, phase);
});

t.test("tag and rmi of nothing", async (t) => {
  const { engine, text } = show(t);
  t.equal(addTag(engine, "host", "machine"), undefined);
  t.match(text(), /image\.tag[\s\S]*machine:latest/);
  t.throws(() => addTag(engine, "none", "machine"), { code: "no-such-image" });
  t.throws(() => removeImage(engine, "none"), { code: "no-such-image" });
  t.notOk(existsSync(engine.root));
});
