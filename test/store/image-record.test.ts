// Image rows: found by name, id and start of id; named, unnamed, listed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { emptyConfig } from "../../src/image/config.ts";
import { hostImage } from "../../src/image/host.ts";
import { parseReference } from "../../src/image/reference.ts";
import type { ImageRecord } from "../../src/image/spec.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import {
  childrenOf,
  containersOf,
  dropHiddenImages,
  findImage,
  getImage,
  hideImage,
  isHiddenImage,
  listImages,
  namesOf,
  originOf,
  putImage,
  removeImageRow,
  tagImage,
  tryFindImage,
  untagImage,
} from "../../src/store/image-record.ts";
import { findLayer, layerDirectories, layerPath, putLayer } from "../../src/store/layer.ts";

function openStore(t: Test): Database {
  const root = mkdtempSync(`${tmpdir()}/tsns-store-`);
  const store = openDatabase(root);
  t.teardown(() => {
    store.close();
    rmSync(root, { recursive: true });
  });
  return store;
}

const diffId = (digit: string) => `sha256:${digit.repeat(64)}`;

function makeImage(hex: string, createdMs: number, diffIds: readonly string[] = []): ImageRecord {
  const id = `sha256:${hex.padEnd(64, "0")}`;
  return { id, createdMs, architecture: "amd64", os: "linux", sizeBytes: 1, diffIds, config: emptyConfig, source: "layers", comment: "" };
}

t.test("by name, id, and the start of an id", async (t) => {
  const store = openStore(t);
  const [a, b] = [makeImage("abc1", 1), makeImage("abc2", 2)];
  for (const image of [a, b, a]) putImage(store, image);
  t.equal(tagImage(store, a.id, parseReference("docker.io/library/one")), "one:latest");
  for (const text of ["one", "one:latest", "library/one", a.id, a.id.slice(7), "abc1", "sha256:abc1"])
    t.same(findImage(store, text), a, text);
  t.same(findImage(store, "abc2"), b);
  t.throws(() => findImage(store, "abc"), { kind: "conflict", code: "ambiguous-image", message: /abc100000000, abc200000000/ });
  t.throws(() => findImage(store, "two:x"), { kind: "not-found", code: "no-such-image", message: "No such image: two:x" });
  t.throws(() => findImage(store, "def"), { code: "no-such-image" });
  t.throws(() => findImage(store, "Not/A Name"), { code: "bad-reference" });
  tagImage(store, b.id, parseReference("abc1"));
  t.same(findImage(store, "abc1"), b, "a name wins over the start of an id");
  t.same(findImage(store, a.id), a);
});

t.test("names move, go, and are listed", async (t) => {
  const store = openStore(t);
  const [old, fresh] = [makeImage("aa", 1), makeImage("bb", 2)];
  putImage(store, old);
  putImage(store, fresh);
  tagImage(store, old.id, parseReference("x"));
  tagImage(store, old.id, parseReference("y:2"));
  tagImage(store, fresh.id, parseReference("x"));
  t.same(
    listImages(store).map(({ image, names }) => [image.id, names]),
    [
      [fresh.id, ["x:latest"]],
      [old.id, ["y:2"]],
      [hostImage.id, ["host:latest"]],
    ],
  );
  t.equal(untagImage(store, "y:2"), true);
  t.equal(untagImage(store, "y:2"), false);
  t.same(namesOf(store, old.id), []);
  removeImageRow(store, fresh.id);
  t.equal(tryFindImage(store, "x"), undefined, "the name goes with its image");
});

t.test("the built-in host image", async (t) => {
  const store = openStore(t);
  for (const text of ["host", "host:latest", hostImage.id, hostImage.id.slice(7, 19)]) t.same(findImage(store, text), hostImage, text);
  t.throws(() => findImage(store, "host:other"), { code: "no-such-image" });
  tagImage(store, hostImage.id, parseReference("machine"));
  t.same(findImage(store, "machine"), hostImage, "it can have other names");
  t.same(namesOf(store, hostImage.id), ["machine:latest", "host:latest"]);
  const image = makeImage("aa", 1);
  putImage(store, image);
  tagImage(store, image.id, parseReference("host"));
  t.same(findImage(store, "host"), image, "a name given by the user takes precedence");
  t.same(namesOf(store, hostImage.id), ["machine:latest"]);
  t.same(listImages(store).at(-1)?.names, ["machine:latest"]);
});

t.test("removed while a container uses it: only the container finds it", async (t) => {
  const store = openStore(t);
  const [base, made] = [makeImage("aa", 1), makeImage("bb", 2)];
  putImage(store, base);
  putImage(store, made, base.id);
  tagImage(store, base.id, parseReference("x"), 77);
  t.same(originOf(store, base.id), { parent: "", taggedMs: 77 });
  t.same(originOf(store, made.id), { parent: base.id, taggedMs: 0 });
  t.same(childrenOf(store, base.id), [made.id]);
  t.equal(listImages(store)[0]?.parent, base.id);
  store.run("INSERT INTO container VALUES ('1', 'c', 0, ?, '{}')", JSON.stringify({ imageId: base.id }));
  hideImage(store, base.id);
  for (const text of ["x", "aa", base.id]) t.equal(tryFindImage(store, text), undefined, text);
  t.same(
    listImages(store).map(({ image }) => image.id),
    [made.id, hostImage.id],
  );
  t.same(getImage(store, base.id), base);
  t.equal(isHiddenImage(store, base.id), true);
  t.same(dropHiddenImages(store), [], "its container is there");
  putImage(store, base);
  t.same(findImage(store, base.id), base, "it came again");
  hideImage(store, base.id);
  store.run("DELETE FROM container");
  t.same(dropHiddenImages(store), [base.id]);
  t.throws(() => getImage(store, base.id), { code: "no-such-image" });
});

t.test("containers of an image", async (t) => {
  const store = openStore(t);
  const add = (id: string, name: string, imageId: string) =>
    store.run("INSERT INTO container VALUES (?, ?, 0, ?, '{}')", id, name, JSON.stringify({ imageId }));
  add("1", "b", "sha256:x");
  add("2", "a", "sha256:x");
  add("3", "c", "sha256:y");
  t.same(containersOf(store, "sha256:x"), [
    { id: "2", name: "a" },
    { id: "1", name: "b" },
  ]);
  t.same(containersOf(store, "sha256:z"), []);
});

t.test("layers and where they are", async (t) => {
  const store = openStore(t);
  const [lower, own] = [diffId("1"), diffId("2")];
  for (const id of [lower, own]) putLayer(store, id, 5, 1);
  putLayer(store, own, 99, 2);
  t.same(findLayer(store, own), { sizeBytes: 5 }, "the first row stays");
  t.equal(findLayer(store, diffId("9")), undefined);
  const image = makeImage("aa", 1, [lower, own]);
  t.same(layerDirectories("/r", image), [layerPath("/r", own), layerPath("/r", lower)], "uppermost first");
  t.equal(layerPath("/r", lower), `/r/layers/${"1".repeat(32)}`);
});
