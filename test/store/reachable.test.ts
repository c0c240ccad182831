// What rows lead to, and which rows lead nowhere.
import t, { type Test } from "tap";
import { emptyConfig } from "../../src/image/config.ts";
import { holdBlob, putLayerBlob, putManifest } from "../../src/store/image-content.ts";
import { hideImage, putImage, removeImageRow } from "../../src/store/image-record.ts";
import { putLayer } from "../../src/store/layer.ts";
import {
  forgetUnreachable,
  listBlobSizes,
  listDiffIds,
  listLayerSizes,
  listUnreachableRows,
  readReachable,
} from "../../src/store/reachable.ts";
import { linkRepositoryBlob } from "../../src/store/repository.ts";
import { openTestStore } from "../fixture/store.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = digest("1");
const other = digest("2");
const shared = digest("a");
const own = digest("b");
const manifest = digest("c");
const packed = digest("d");
const held = digest("e");
const pushed = digest("f");
const isAlive = ({ pid }: { readonly pid: number }) => pid === 7;

function fill(t: Test) {
  const store = openTestStore(t);
  const put = (id: string, diffIds: readonly string[]) =>
    putImage(store, {
      id,
      createdMs: 1,
      architecture: "amd64",
      os: "linux",
      sizeBytes: 1,
      diffIds,
      config: emptyConfig,
      source: "layers",
      comment: "",
    });
  put(image, [shared, own]);
  put(other, [shared]);
  for (const diffId of [shared, own]) putLayer(store, diffId, 5, 1);
  putManifest(store, image, { digest: manifest, mediaType: "m" });
  putLayerBlob(store, own, { digest: packed, mediaType: "l", sizeBytes: 3 });
  holdBlob(store, held, { pid: 7, startTime: 1 });
  linkRepositoryBlob(store, "r", pushed, Date.now());
  return store;
}

t.test("everything wanted, by its use", async (t) => {
  const store = fill(t);
  const { blobs, layers } = readReachable(store, isAlive);
  t.same(
    [...blobs].sort(),
    [
      [image, "configuration"],
      [other, "configuration"],
      [manifest, "manifest"],
      [packed, "compressed layer"],
      [held, "held by a command"],
      [pushed, "registry"],
    ].sort(),
  );
  t.same([...layers].sort(), [shared, own, held].sort());
  t.same(listUnreachableRows(store, isAlive, { blobs, layers }), []);
  t.same([...listLayerSizes(store).values()], [5, 5]);
  t.same([...listBlobSizes(store)], [[packed, 3]]);
  t.same(listDiffIds(store).length, 2);
});

t.test("as if an image were not there", async (t) => {
  const store = fill(t);
  const { blobs, layers } = readReachable(store, isAlive, new Set([image]));
  t.same([...blobs.keys()].sort(), [other, held, pushed].sort());
  t.equal(layers.has(shared), true);
  t.equal(layers.has(own), false);
});

t.test("rows that lead nowhere are forgotten", async (t) => {
  const store = fill(t);
  removeImageRow(store, image);
  const nobody = () => false;
  t.equal(listUnreachableRows(store, nobody, readReachable(store, nobody)).length, 4, "hold, manifest, compressed layer, layer");
  store.transaction(() => forgetUnreachable(store, isAlive));
  t.same(listUnreachableRows(store, isAlive, readReachable(store, isAlive)), [], "the living hold stays");
  t.equal(readReachable(store, isAlive).blobs.get(held), "held by a command");
  store.transaction(() => forgetUnreachable(store, nobody));
  t.same(store.all("SELECT * FROM blob_hold"), []);
  t.same([...listLayerSizes(store).keys()], [shared]);
});

t.test("a layer that a living command holds, and an image that a container keeps", async (t) => {
  const store = fill(t);
  holdBlob(store, own, { pid: 7, startTime: 1 });
  store.run("INSERT INTO container VALUES ('1', 'c', 0, ?, '{}')", JSON.stringify({ imageId: other }));
  removeImageRow(store, image);
  hideImage(store, other);
  store.transaction(() => forgetUnreachable(store, isAlive));
  t.same([...listLayerSizes(store).keys()].sort(), [shared, own].sort());
  t.equal(readReachable(store, isAlive).blobs.get(other), "configuration");
  store.run("DELETE FROM container");
  store.transaction(() => forgetUnreachable(store, () => false));
  t.same([...listLayerSizes(store).keys()], []);
});
