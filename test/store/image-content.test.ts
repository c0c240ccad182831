// Blobs of images as rows.
import t from "tap";
import {
  diffIdOfBlob,
  holdBlob,
  layerBlobsOf,
  manifestsOf,
  putLayerBlob,
  putManifest,
  releaseBlobs,
} from "../../src/store/image-content.ts";
import { openTestStore } from "../fixture/store.ts";

t.test("manifests", async (t) => {
  const store = openTestStore(t);
  putManifest(store, "image", { digest: "b", mediaType: "oci" });
  putManifest(store, "image", { digest: "a", mediaType: "index" });
  putManifest(store, "image", { digest: "b", mediaType: "oci" });
  t.same(manifestsOf(store, "image"), [
    { digest: "b", mediaType: "oci" },
    { digest: "a", mediaType: "index" },
  ]);
});

t.test("compressed forms of layers", async (t) => {
  const store = openTestStore(t);
  const [gzip, zstd] = [
    { digest: "g", mediaType: "gzip", sizeBytes: 20 },
    { digest: "z", mediaType: "zstd", sizeBytes: 10 },
  ];
  putLayerBlob(store, "layer", gzip);
  putLayerBlob(store, "layer", zstd);
  t.same(layerBlobsOf(store, "layer"), [zstd, gzip]);
  t.equal(diffIdOfBlob(store, "g"), "layer");
  t.equal(diffIdOfBlob(store, "x"), undefined);
});

t.test("holds", async (t) => {
  const store = openTestStore(t);
  holdBlob(store, "g", { pid: 1, startTime: 2 });
  holdBlob(store, "g", { pid: 1, startTime: 2 });
  t.equal(store.all("SELECT * FROM blob_hold").length, 1);
  releaseBlobs(store, 1);
  t.equal(store.all("SELECT * FROM blob_hold").length, 0);
});
