// Blobs by digest, and names of unfinished work.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { blobPath, digestOf, putBlob, removeBlob } from "../../src/store/blob.ts";
import { staleTemporaries, temporaryPath } from "../../src/store/temporary.ts";

t.test("put, read, remove", async (t) => {
  const root = t.testdir();
  const digest = putBlob(root, "hello");
  t.equal(digest, "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  t.equal(putBlob(root, Buffer.from("hello")), digest, "the same again");
  t.equal(readFileSync(blobPath(root, digest), "utf8"), "hello");
  t.same(readdirSync(`${root}/tmp`), [], "nothing unfinished is left");
  removeBlob(root, digest);
  removeBlob(root, digest);
  t.notOk(existsSync(blobPath(root, digest)));
});

t.test("a digest is never a path", async (t) => {
  for (const bad of ["", "sha256:", "sha256:../../etc/passwd", `sha512:${"0".repeat(64)}`, `sha256:${"A".repeat(64)}`]) {
    t.throws(() => blobPath("/r", bad), { code: "bad-digest" }, bad);
  }
  t.equal(digestOf(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

t.test("unfinished work of the living is left alone", async (t) => {
  const root = t.testdir();
  t.same(staleTemporaries(root), [], "no tmp at all");
  const own = temporaryPath(root);
  mkdirSync(own);
  const [pid, start] = (own.split("/").at(-1) ?? "").split("-");
  mkdirSync(`${root}/tmp/${pid}-${Number(start) - 1}-abc`); // the same pid, used before
  mkdirSync(`${root}/tmp/4194304-5-abc`); // above the highest pid there is (proc(5), pid_max)
  mkdirSync(`${root}/tmp/foreign`);
  t.same(staleTemporaries(root).sort(), [`${root}/tmp/4194304-5-abc`, `${root}/tmp/${pid}-${Number(start) - 1}-abc`].sort());
});
