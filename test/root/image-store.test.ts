// Images in a real data root: import, load, tag, remove; several commands at once; what a crash leaves.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync, zstdCompressSync } from "node:zlib";
import t, { type Test } from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { type ImportRequest, importImage as importOrShow } from "../../src/engine/image/import.ts";
import { inspectImage } from "../../src/engine/image/inspect.ts";
import { listImageRows } from "../../src/engine/image/list.ts";
import { type LoadRequest, loadImages as loadOrShow } from "../../src/engine/image/load.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { addTag } from "../../src/engine/image/tag.ts";
import { chainIdsOf } from "../../src/image/chain.ts";
import type { OnProgress } from "../../src/image/progress.ts";
import * as explainer from "../../src/plan/explain.ts";
import { findImage } from "../../src/store/image-record.ts";
import { layerDirectories } from "../../src/store/layer.ts";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeDockerArchive, makeOciArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";

function makeEngine(t: Test, root = mkdtempSync(`${tmpdir()}/tsns-image-`)): Engine & { readonly notes: string[] } {
  const notes: string[] = [];
  const engine = openEngine(root, { note: (text) => void notes.push(text) });
  t.teardown(() => {
    engine[Symbol.dispose]();
    rmSync(root, { recursive: true, force: true });
  });
  return Object.assign(engine, { notes });
}

async function* bytes(buffer: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < buffer.length; at += 100_000) yield buffer.subarray(at, at + 100_000);
}

/** Not as a dry run. */
function done<T>(result: T | undefined): T {
  if (result === undefined) throw new Error("only shown");
  return result;
}
const importImage = async (engine: Engine, request: ImportRequest) => done(await importOrShow(engine, request));
const loadImages = async (engine: Engine, request: LoadRequest) => done(await loadOrShow(engine, request));

const layer = (name: string, data = name) => makeTar([{ path: name, type: "file", data }]);
const names = (root: string, folder: string) => (existsSync(`${root}/${folder}`) ? readdirSync(`${root}/${folder}`) : []);

t.test("import", needRoot, async (t) => {
  const engine = makeEngine(t);
  const tar = makeBusyboxTar();
  const image = await importImage(engine, {
    source: bytes(tar),
    sourceName: "-",
    name: "busybox",
    changes: ['CMD ["sh"]', "ENV A=1"],
    message: "for tests",
  });
  t.same(image.diffIds, [`sha256:${sha256(tar)}`]);
  t.match(image, { comment: "for tests", config: { cmd: ["sh"], env: ["A=1"] }, sizeBytes: /^\d+$/ });
  t.same(findImage(engine.store, "busybox"), image);
  const [directory = ""] = layerDirectories(engine.root, image);
  t.ok(existsSync(`${directory}/bin/busybox`));
  t.same(names(engine.root, "tmp"), []);
  t.match(inspectImage(engine, "busybox"), {
    Id: image.id,
    RepoTags: ["busybox:latest"],
    Config: { Cmd: ["sh"], Env: ["A=1"], Entrypoint: null },
    RootFS: { Type: "layers", Layers: image.diffIds },
    Size: image.sizeBytes,
  });
  const again = await importImage(engine, { source: bytes(gzipSync(tar)), sourceName: "-" });
  t.same(again.diffIds, image.diffIds, "compressed or not, the same layer");
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /^[0-9a-f]{32}\.recipe$/], "a tree and its recipe");
});

t.test("what cannot be imported leaves nothing", needRoot, async (t) => {
  const engine = makeEngine(t);
  const refused = (source: Buffer, more: { name?: string; changes?: string[] }, code: string) =>
    t.rejects(importImage(engine, { source: bytes(source), sourceName: "-", ...more }), { name: "TsnsError", code });
  await refused(Buffer.alloc(0), {}, "bad-archive");
  await refused(makeBusyboxTar().subarray(0, 100_001), {}, "bad-archive");
  await refused(makeTar([{ path: "../x", type: "file" }]), {}, "archive-escape");
  await refused(layer("a"), { name: "Bad" }, "bad-reference");
  await refused(layer("a"), { changes: ["RUN x"] }, "bad-change");
  await t.rejects(importImage(engine, { source: `${engine.root}/none`, sourceName: "none" }), { name: "KernelError", errno: "ENOENT" });
  const controller = new AbortController();
  async function* silent(): AsyncGenerator<Buffer> {
    yield layer("a").subarray(0, 700);
    controller.abort(new TsnsError("interrupted", "signal", "ended by SIGINT"));
    await new Promise(() => {}); // says nothing more
  }
  await t.rejects(importImage(engine, { source: silent(), sourceName: "-", signal: controller.signal }), {
    name: "TsnsError",
    kind: "interrupted",
  });
  for (const folder of ["tmp", "layers", "blobs"]) t.same(names(engine.root, folder), [], folder);
  t.same(
    listImageRows(engine).map((row) => row.repository),
    ["host"],
  );
});

t.test("load of docker's archive", needRoot, async (t) => {
  const engine = makeEngine(t);
  const [base, middle, top] = [
    makeBusyboxTar(),
    layer("m"),
    makeTar([
      { path: ".wh.m", type: "file" },
      { path: "t", type: "file" },
    ]),
  ];
  const first = { layers: [base, middle, top], tags: ["localhost/first:1", "second"], config: { Entrypoint: ["/bin/sh"], User: "nobody" } };
  const third = { layers: [base, middle], tags: [] };
  const path = `${engine.root}/archive.tar`;
  writeFileSync(path, makeDockerArchive([first, third]));
  const seen: string[] = [];
  const onProgress: OnProgress = (event) => {
    if ("id" in event && event.current === event.total) seen.push(event.id);
  };
  const loaded = await loadImages(engine, { source: path, onProgress });
  t.same(
    loaded.map((one) => [one.image.id, one.names]),
    [
      [`sha256:${sha256(renderTestConfig(first))}`, ["localhost/first:1", "second:latest"]],
      [`sha256:${sha256(renderTestConfig(third))}`, []],
    ],
    "ids are docker's: digests of the configurations as they are",
  );
  t.same(
    seen,
    [base, middle, top].map((tar) => sha256(tar).slice(0, 12)),
    "each layer once",
  );
  const image = findImage(engine.store, "localhost/first:1");
  t.match(image, { config: { entrypoint: ["/bin/sh"], user: "nobody" }, createdMs: Date.parse("2020-09-13T12:26:40Z") });
  const directories = layerDirectories(engine.root, image);
  t.ok(existsSync(`${directories[0]}/t`), "uppermost first");
  t.ok(existsSync(`${directories[2]}/bin/busybox`));
  seen.length = 0;
  await loadImages(engine, { source: bytes(gzipSync(readFileSync(path))), onProgress });
  t.same(seen, [], "again, compressed, through a pipe: all is there");
  t.equal(listImageRows(engine).length, 4);
  t.same(names(engine.root, "tmp"), []);
});

t.test("load of OCI layouts", needRoot, async (t) => {
  const engine = makeEngine(t);
  const image = { layers: [layer("a"), layer("b")], tags: ["docker.io/library/oci:2"] };
  const arch = process.arch === "arm64" ? "arm64" : "amd64";
  for (const archive of [
    makeOciArchive(image),
    makeOciArchive(image, { pack: gzipSync }),
    makeOciArchive(image, { pack: zstdCompressSync, platforms: ["s390x", arch] }),
  ]) {
    const [loaded] = await loadImages(engine, { source: bytes(archive) });
    t.equal(loaded?.image.id, `sha256:${sha256(renderTestConfig(image))}`);
    t.same(loaded?.names, ["oci:2"]);
  }
  await t.rejects(loadImages(engine, { source: bytes(makeOciArchive(image, { platforms: ["s390x"] })) }), { code: "wrong-platform" });
});

t.test("archives that lie", needRoot, async (t) => {
  const engine = makeEngine(t);
  const refused = (archive: Buffer, code: string) =>
    t.rejects(loadImages(engine, { source: bytes(archive) }), { name: "TsnsError", kind: "invalid", code });
  const wrong = { layers: [layer("a")], tags: ["x"], diffIds: [`sha256:${sha256("other")}`] };
  await refused(makeDockerArchive([wrong]), "layer-mismatch");
  await refused(makeDockerArchive([{ ...wrong, diffIds: [] }]), "bad-archive");
  await refused(makeDockerArchive([{ layers: [layer("a")], tags: ["Bad Name"] }]), "bad-reference");
  await refused(layer("a"), "bad-archive");
  await refused(makeTar([{ path: "manifest.json", type: "file", data: '[{"Config":"c","Layers":[]}]' }]), "bad-archive");
  await refused(makeTar([{ path: "manifest.json", type: "file", data: "[" }]), "bad-archive");
  const oci = makeOciArchive({ layers: [layer("a")], tags: [] });
  const at = oci.indexOf('"architecture"');
  oci.write('"Architecture"', at);
  await refused(oci, "bad-archive");
  for (const folder of ["tmp", "layers", "blobs"]) t.same(names(engine.root, folder), [], folder);
});

t.test("old docker archives with links between layers", needRoot, async (t) => {
  const engine = makeEngine(t);
  const tar = layer("a");
  const image = { layers: [tar, tar], tags: ["linked"] };
  const manifest = [{ Config: "c.json", RepoTags: ["linked"], Layers: ["1/layer.tar", "2/layer.tar"] }];
  const archive = makeTar([
    { path: "1/layer.tar", type: "file", data: tar },
    { path: "2/layer.tar", type: "symlink", linkPath: "../1/layer.tar" },
    { path: "c.json", type: "file", data: renderTestConfig(image) },
    { path: "manifest.json", type: "file", data: JSON.stringify(manifest) },
  ]);
  const [loaded] = await loadImages(engine, { source: bytes(archive) });
  t.equal(loaded?.image.diffIds.length, 2);
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /^[0-9a-f]{32}\.recipe$/], "a tree and its recipe");
});

t.test("names and removal", needRoot, async (t) => {
  const engine = makeEngine(t);
  const [shared, own] = [layer("shared"), layer("own")];
  await loadImages(engine, {
    source: bytes(
      makeDockerArchive([
        { layers: [shared], tags: ["a"] },
        { layers: [shared, own], tags: ["b", "c"] },
      ]),
    ),
  });
  const b = findImage(engine.store, "b");
  t.equal(addTag(engine, "a", "x/y:1"), "x/y:1");
  t.throws(() => addTag(engine, "nothing", "z"), { code: "no-such-image" });
  t.throws(() => removeImage(engine, b.id.slice(7, 19)), { code: "image-has-names", message: /b:latest, c:latest/ });
  t.same(removeImage(engine, "c"), { untagged: ["c:latest"], deleted: [] });
  const removal = removeImage(engine, b.id);
  t.same(removal?.untagged, ["b:latest"]);
  const chain = chainIdsOf([shared, own].map((bytes) => `sha256:${sha256(bytes)}`));
  t.same(removal?.deleted, [b.id, chain[1]], "the shared layer stays");
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /^[0-9a-f]{32}\.recipe$/], "a tree and its recipe");
  t.throws(() => removeImage(engine, "b"), { code: "no-such-image" });
  t.throws(() => removeImage(engine, "host"), { code: "host-image" });
  addTag(engine, "host", "machine");
  t.same(removeImage(engine, "machine"), { untagged: ["machine:latest"], deleted: [] });
  removeImage(engine, findImage(engine.store, "a").id, { force: true });
  for (const folder of ["tmp", "layers", "blobs/sha256"]) t.same(names(engine.root, folder), [], folder);
});

t.test("an image a container uses stays", needRoot, async (t) => {
  const engine = makeEngine(t);
  await loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [layer("a")], tags: ["used"] }])) });
  const { id } = findImage(engine.store, "used");
  engine.store.run("INSERT INTO container VALUES ('c1', 'web', 0, ?, '{}')", JSON.stringify({ imageId: id }));
  const inUse = { code: "image-in-use", message: /container web/, hint: /tsns rm web/ };
  t.throws(() => removeImage(engine, "used"), inUse);
  t.throws(() => removeImage(engine, id), inUse);
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /recipe$/]);
  t.same(removeImage(engine, "used", { force: true }), { untagged: ["used:latest"], deleted: [id] }, "by force it is out of sight");
  t.throws(() => findImage(engine.store, id), { code: "no-such-image" });
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /recipe$/], "the container keeps its layer");
});

t.test("a dry run shows the plan and changes nothing", needRoot, async (t) => {
  const engine = makeEngine(t);
  await loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [layer("a")], tags: ["a"] }])) });
  const printed: string[] = [];
  const dry = openEngine(engine.root, {
    mode: { dryRun: true, explain: false, timings: false },
    explainer,
    print: (text) => void printed.push(text),
  });
  t.equal(removeImage(dry, "a"), undefined);
  dry[Symbol.dispose]();
  t.match(
    printed.join(""),
    /image\.untag[\s\S]*a:latest[\s\S]*image\.remove[\s\S]*tree\.remove[\s\S]*blobs\/sha256[\s\S]*tree\.remove[\s\S]*layers\/[0-9a-f]{32}\n/,
  );
  t.ok(findImage(engine.store, "a"));
  t.match(names(engine.root, "layers"), [/^[0-9a-f]{32}$/, /^[0-9a-f]{32}\.recipe$/], "a tree and its recipe");
});

t.test("loads and removals of the same image at once", needRoot, async (t) => {
  const engine = makeEngine(t);
  const others = Array.from({ length: 3 }, () => openEngine(engine.root));
  t.teardown(() => {
    for (const other of others) other[Symbol.dispose]();
  });
  const archive = makeDockerArchive([{ layers: [makeBusyboxTar(), layer("b"), layer("c")], tags: ["same"] }]);
  const load = async (one: Engine) => {
    for (let round = 0; round < 4; round++) {
      const [loaded] = await loadImages(one, { source: bytes(archive) });
      t.equal(loaded?.image.diffIds.length, 3);
      try {
        removeImage(one, "same");
      } catch (error) {
        t.match(error, { code: "no-such-image" }, "only another removal may have been first");
      }
    }
  };
  await Promise.all(others.map(load));
  const [last] = await loadImages(engine, { source: bytes(archive) });
  for (const directory of layerDirectories(engine.root, last?.image ?? { diffIds: [] }))
    t.ok(existsSync(directory), "every layer of a listed image is there");
  t.same(names(engine.root, "tmp"), []);
});

t.test("what a killed command left is swept", needRoot, async (t) => {
  const engine = makeEngine(t);
  await importImage(engine, { source: bytes(layer("a")), sourceName: "-", name: "a" });
  mkdirSync(`${engine.root}/tmp/4194304-1-dead/tree/deep`, { recursive: true });
  mkdirSync(`${engine.root}/tmp/${process.pid}-0-dead`);
  await importImage(engine, { source: bytes(layer("b")), sourceName: "-", name: "b" });
  t.same(names(engine.root, "tmp"), []);
});

t.test("filters of the list", needRoot, async (t) => {
  const engine = makeEngine(t);
  const image = (name: string, labels: Record<string, string>) => ({
    layers: [layer(name)],
    tags: name === "none" ? [] : [name],
    config: { Labels: labels },
  });
  await loadImages(engine, {
    source: bytes(makeDockerArchive([image("app:1", { tier: "web" }), image("reg.example/app:2", { tier: "db" }), image("none", {})])),
  });
  const rows = (...filters: string[]) => listImageRows(engine, { filters }).map((row) => `${row.repository}:${row.tag}`);
  t.same(rows("dangling=true"), ["<none>:<none>"]);
  t.same(rows("dangling=false").sort(), ["app:1", "host:latest", "reg.example/app:2"]);
  t.same(rows("label=tier").sort(), ["app:1", "reg.example/app:2"]);
  t.same(rows("label=tier=db"), ["reg.example/app:2"]);
  t.same(rows("reference=app"), ["app:1"]);
  t.same(rows("reference=*/app:?"), ["reg.example/app:2"]);
  t.same(rows("reference=app", "reference=host").sort(), ["app:1", "host:latest"], "values of one key are alternatives");
  t.same(rows("reference=app", "label=tier=db"), [], "keys are conditions");
  t.same(rows("since=host").sort(), ["<none>:<none>", "app:1", "reg.example/app:2"]);
  t.same(rows("before=app:1"), ["host:latest"]);
  t.same(listImageRows(engine, { pattern: "app:1" }).length, 1);
  for (const bad of ["x", "size=1", "dangling=maybe", "reference=[a"]) t.throws(() => rows(bad), { code: "bad-filter" }, bad);
});

t.test("a full disk", needRoot, async (t) => {
  const root = mkdtempSync(`${tmpdir()}/tsns-full-`);
  const mount = (...args: string[]) => t.equal(spawnSync("mount", [...args, root]).status, 0);
  mount("-t", "tmpfs", "-o", "size=2m", "none");
  t.teardown(() => {
    spawnSync("umount", ["-l", root]);
    rmSync(root, { recursive: true, force: true });
  });
  const engine = openEngine(root);
  t.teardown(() => engine[Symbol.dispose]());
  const big = makeTar([{ path: "big", type: "file", data: Buffer.alloc(3 << 20, 1) }]);
  const full = { name: "KernelError", kind: "unavailable", errno: "ENOSPC", hint: /free space/ };
  await t.rejects(importImage(engine, { source: bytes(big), sourceName: "-" }), { ...full, target: "big" });
  await t.rejects(loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [big], tags: [] }])) }), full);
  for (const folder of ["tmp", "layers", "blobs"]) t.same(names(root, folder), [], folder);
  const [small] = await loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [layer("a")], tags: ["small"] }])) });
  t.ok(small, "what fits is loaded afterwards");
});
