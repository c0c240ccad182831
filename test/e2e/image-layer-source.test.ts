// Layers that an older tsns unpacked and kept no bytes of: whatever brings the bytes heals them, and no image's word about a blob is believed.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, makeOciArchive, sha256 } from "../fixture/docker-archive.ts";
import { addImage, addManifest, emptyContent, serveContent, types } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const busybox = makeBusyboxTar();
const note = makeTar([{ path: "etc/note", type: "file", data: "one\n" }]);
const hexOf = (tar: Buffer) => sha256(tar);

/** As an older tsns left it: trees and rows of the layers, but neither blobs nor recipes of them. */
function forgetBytes(root: DataRoot): void {
  using store = new DatabaseSync(`${root.path}/store.db`);
  for (const { digest } of store.prepare("SELECT digest FROM layer_blob").all())
    rmSync(`${root.path}/blobs/sha256/${String(digest).slice("sha256:".length)}`, { force: true });
  store.exec("DELETE FROM layer_blob");
  for (const name of readdirSync(`${root.path}/layers`)) if (name.endsWith(".recipe")) rmSync(`${root.path}/layers/${name}`);
}

/** Saves the image and returns the diff ids of the layers in the archive, whose bytes are read. */
async function saved(t: Test, root: DataRoot, image: string): Promise<readonly string[]> {
  const file = `${root.path}-saved.tar`;
  t.teardown(() => rmSync(file, { force: true }));
  await root.ok(["save", "-o", file, image]);
  const other = makeRoot(t);
  await other.ok(["load", "-q", "-i", file]);
  return JSON.parse(await other.ok(["image", "inspect", "-f", "{{json .RootFS.Layers}}", image]));
}

const noSource = /is not in the store \(it was unpacked by an older tsns: pull, load or import the image again\)/;

t.test("a pull brings the bytes of layers that are unpacked", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  addImage(content, "1", { tars: [busybox, note], pack: gzipSync });
  addImage(content, "2", { tars: [busybox, makeTar([{ path: "etc/note", type: "file", data: "two\n" }])], pack: gzipSync });
  const { host, requests } = await serveContent(t, content);
  const [one, two] = [`${host}/a/b:1`, `${host}/a/b:2`];
  await root.ok(["pull", "-q", one]);
  forgetBytes(root);
  t.match(await root.tsns(["save", "-o", `${root.path}-never.tar`, one]), { code: 1, stderr: noSource });
  t.notOk(existsSync(`${root.path}-never.tar`));

  requests();
  const plan = await root.ok(["pull", "--dry-run", two]);
  t.match(plan, /is there without its bytes, which save and push need/);
  t.equal(plan.match(/layer\.unpack/g)?.length, 1);
  requests();
  await root.ok(["pull", "-q", two]);
  t.equal(requests().filter((line) => line.includes("/blobs/")).length, 3, "configuration, a new layer, and the bytes of the old one");
  t.equal((await saved(t, root, two)).length, 2);
  t.match(
    await root.tsns(["save", "-o", `${root.path}-never.tar`, one]),
    { code: 1, stderr: noSource },
    "its other layer still lacks them",
  );

  const said = await root.ok(["pull", one]);
  t.match(said, /Image is up to date/);
  t.equal(requests().filter((line) => line.includes("/blobs/")).length, 1);
  t.same(
    await saved(t, root, one),
    [busybox, note].map((tar) => `sha256:${hexOf(tar)}`),
  );
  await root.ok(["pull", "-q", one]);
  t.same(requests(), ["GET /v2/a/b/manifests/1"], "and nothing moves any more");

  forgetBytes(root);
  await root.ok(["run", "--rm", "--network", "none", one, "true"]);
  t.same(requests(), [], "a run needs no bytes");
});

t.test("what a registry sends instead of the bytes is refused", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const { layers } = addImage(content, "1", { tars: [busybox], pack: gzipSync });
  const { host } = await serveContent(t, content);
  const image = `${host}/a/b:1`;
  await root.ok(["pull", "-q", image]);
  forgetBytes(root);
  const digest = layers[0]?.digest ?? "";
  const right = content.blobs.get(digest) ?? Buffer.alloc(0);
  content.blobs.set(digest, Buffer.from(right).fill(1, right.length - 100));
  t.match(await root.tsns(["pull", image]), { code: 1, stderr: /^tsns: [^\n]*\n$/ });
  t.match(await root.tsns(["save", "-o", `${root.path}-never.tar`, image]), { code: 1, stderr: noSource });
  content.blobs.set(digest, right);
  await root.ok(["pull", "-q", image]);
  t.equal((await saved(t, root, image)).length, 1);
});

t.test("load and import bring the bytes as well", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load", "-q"], { input: makeDockerArchive([{ layers: [busybox, note], tags: ["plain:1"] }]) });
  for (const again of [
    makeDockerArchive([{ layers: [busybox, note], tags: ["plain:1"] }]),
    makeOciArchive({ layers: [busybox, note], tags: ["packed:1"] }, { pack: gzipSync }),
  ]) {
    forgetBytes(root);
    t.match(await root.tsns(["save", "-o", `${root.path}-never.tar`, "plain:1"]), { code: 1, stderr: noSource });
    await root.ok(["load", "-q"], { input: again });
    t.equal((await saved(t, root, "plain:1")).length, 2);
  }
  await root.ok(["import", "-", "single:1"], { input: busybox });
  forgetBytes(root);
  await root.ok(["import", "-", "single:2"], { input: gzipSync(busybox) });
  t.same(await saved(t, root, "single:1"), [`sha256:${hexOf(busybox)}`]);
});

t.test("an image that calls another blob its layer spoils no other image", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const { layers } = addImage(content, "good", { tars: [busybox, note], pack: gzipSync });
  // both blobs and both layers are there; the configuration says they belong together crosswise
  const [first, second] = layers;
  const good = JSON.parse(content.manifests.get("good")?.bytes.toString("utf8") ?? "{}");
  addManifest(content, "crossed", { ...good, layers: [second, first] }, types.manifest);
  const { host } = await serveContent(t, content);
  await root.ok(["pull", "-q", `${host}/a/b:good`]);
  const ids = [busybox, note].map((tar) => `sha256:${hexOf(tar)}`);
  t.same(await saved(t, root, `${host}/a/b:good`), ids);
  await root.tsns(["pull", "-q", `${host}/a/b:crossed`]);
  using store = new DatabaseSync(`${root.path}/store.db`);
  const rows = store.prepare("SELECT diff_id, digest FROM layer_blob").all();
  t.equal(rows.length, 2);
  for (const { diff_id: diffId, digest } of rows) {
    const tar = gunzipSync(content.blobs.get(String(digest)) ?? gzipSync(""));
    t.equal(`sha256:${hexOf(tar)}`, diffId, "each blob is known as what it unpacks to");
  }
});
