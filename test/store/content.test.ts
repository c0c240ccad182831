// Blobs that stream in.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { blobPath } from "../../src/store/blob.ts";
import { blobSize, openIngest } from "../../src/store/content.ts";

const bytes = Buffer.from("the bytes of a layer");
const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const left = (root: string) => readdirSync(`${root}/tmp`);

t.test("visible when it is whole, under its digest", async (t) => {
  const root = t.testdir();
  using ingest = openIngest(root, "the layer", { digest, sizeBytes: bytes.length });
  ingest.write(bytes.subarray(0, 4));
  t.equal(ingest.writtenBytes, 4);
  t.equal(blobSize(root, digest), undefined, "not yet");
  ingest.write(bytes.subarray(4));
  t.same(ingest.commit(), { digest, sizeBytes: bytes.length });
  t.same(readFileSync(blobPath(root, digest)), bytes);
  t.same(left(root), []);
  using again = openIngest(root, "the layer");
  again.write(bytes);
  t.equal(again.commit().digest, digest, "a blob that is there already is no conflict");
});

t.test("wrong bytes are never visible", async (t) => {
  const root = t.testdir();
  const other = `sha256:${"0".repeat(64)}`;
  const refuse = (expected: Parameters<typeof openIngest>[2], code: string) => {
    using ingest = openIngest(root, "the layer of app:1", expected);
    t.throws(
      () => {
        ingest.write(bytes);
        ingest.commit();
      },
      { code, message: /the layer of app:1/ },
    );
  };
  refuse({ digest: other }, "blob-mismatch");
  refuse({ digest, sizeBytes: bytes.length - 1 }, "blob-size");
  refuse({ digest, sizeBytes: bytes.length + 1 }, "blob-size");
  t.equal(blobSize(root, digest), undefined);
  t.equal(blobSize(root, other), undefined);
  t.same(left(root), [], "nothing half-written stays");
});
