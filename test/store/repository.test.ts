// Rows of repositories, and which blobs they keep.
import t from "tap";
import {
  findRepositoryManifest,
  findRepositoryTag,
  forgetUnusedBlobs,
  hasRepositoryBlob,
  linkRepositoryBlob,
  listReferrers,
  listRepositories,
  listRepositoryTags,
  putRepositoryManifest,
  putRepositoryTag,
  removeRepository,
  removeRepositoryManifest,
  removeRepositoryTag,
  repositoryBlobs,
  unlinkRepositoryBlob,
  unusedBlobMs,
} from "../../src/store/repository.ts";
import { openTestStore } from "../fixture/store.ts";

const row = { digest: "m1", mediaType: "type", sizeBytes: 7 };

t.test("manifests, tags and what they name", async (t) => {
  const store = openTestStore(t);
  putRepositoryManifest(store, "a", row, ["c", "l", "l"], 1);
  putRepositoryManifest(store, "a", { ...row, digest: "m2", subject: "m1", artifactType: "sbom", annotations: { by: "ann" } }, ["l"], 2);
  putRepositoryManifest(store, "b", row, ["c", "l"], 3);
  putRepositoryTag(store, "a", "1", "m1");
  putRepositoryTag(store, "a", "0", "m1");
  t.same(listRepositories(store), ["a", "b"]);
  t.same(findRepositoryManifest(store, "a", "m1"), row);
  t.equal(findRepositoryManifest(store, "c", "m1"), undefined);
  t.equal(findRepositoryTag(store, "a", "1"), "m1");
  t.same(
    listRepositoryTags(store, "a").map(({ tag }) => tag),
    ["0", "1"],
  );
  t.match(listReferrers(store, "a", "m1"), [{ digest: "m2", artifactType: "sbom", annotations: { by: "ann" } }]);
  t.same(listReferrers(store, "b", "m1"), []);
  t.ok(hasRepositoryBlob(store, "a", "l"));
  t.notOk(hasRepositoryBlob(store, "a", "x"));

  putRepositoryTag(store, "a", "1", "m2");
  t.ok(removeRepositoryManifest(store, "a", "m1"));
  t.notOk(removeRepositoryManifest(store, "a", "m1"));
  t.same(listRepositoryTags(store, "a"), [{ tag: "1", digest: "m2" }], "a tag that was moved stays");
  t.same([...repositoryBlobs(store, 10)].sort(), ["c", "l", "m1", "m2"], "b still has them");
  t.ok(removeRepository(store, "b"));
  t.same([...repositoryBlobs(store, 10)].sort(), ["l", "m2"]);
  t.ok(removeRepositoryTag(store, "a", "1"));
  t.notOk(removeRepositoryTag(store, "a", "1"));
});

t.test("an upload without a manifest is kept for a day", async (t) => {
  const store = openTestStore(t);
  linkRepositoryBlob(store, "a", "x", 1000);
  linkRepositoryBlob(store, "a", "used", 1000);
  putRepositoryManifest(store, "a", row, ["used"], 1000);
  const kept = (nowMs: number) => repositoryBlobs(store, nowMs).includes("x");
  t.ok(kept(999 + unusedBlobMs));
  t.notOk(kept(1000 + unusedBlobMs));
  t.equal(forgetUnusedBlobs(store, 999 + unusedBlobMs), 0);
  t.equal(forgetUnusedBlobs(store, 1000 + unusedBlobMs), 1);
  t.notOk(hasRepositoryBlob(store, "a", "x"));
  t.ok(unlinkRepositoryBlob(store, "a", "used"));
  t.ok(hasRepositoryBlob(store, "a", "used"), "its manifest names it");
});
