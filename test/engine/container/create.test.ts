// A container is stored with its image or not at all, also when the image goes between the two looks at it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { createContainer, designContainer, storeContainer } from "../../../src/engine/container/create.ts";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { emptyConfig } from "../../../src/image/config.ts";
import { parseReference } from "../../../src/image/reference.ts";
import { listContainerRecords } from "../../../src/store/container-record.ts";
import { putImage, removeImageRow, tagImage } from "../../../src/store/image-record.ts";
import { makeRequest } from "../../fixture/request.ts";

function makeEngine(t: Test): Engine {
  const root = mkdtempSync(`${tmpdir()}/tsns-create-`);
  const engine = openEngine(root);
  t.teardown(() => {
    engine[Symbol.dispose]();
    rmSync(root, { recursive: true });
  });
  return engine;
}

const image = {
  id: `sha256:${"a".repeat(64)}`,
  createdMs: 1,
  architecture: "amd64",
  os: "linux",
  sizeBytes: 0,
  diffIds: [],
  config: { ...emptyConfig, cmd: ["sh"] },
  source: "layers",
  comment: "",
} as const;

t.test("an image that vanishes", async (t) => {
  const engine = makeEngine(t);
  putImage(engine.store, image);
  tagImage(engine.store, image.id, parseReference("x"));
  const record = designContainer(engine, makeRequest({ image: "x", name: "c" }));
  removeImageRow(engine.store, image.id);
  t.throws(() => engine.store.transaction(() => storeContainer(engine, record)), { code: "no-such-image", message: /\bx\b/ });
  t.same(listContainerRecords(engine.store), []);
});

t.test("an image that only loses its name", async (t) => {
  const engine = makeEngine(t);
  putImage(engine.store, image);
  tagImage(engine.store, image.id, parseReference("x"));
  const record = designContainer(engine, makeRequest({ image: "x" }));
  engine.store.run("DELETE FROM tag");
  engine.store.transaction(() => storeContainer(engine, record));
  t.equal(listContainerRecords(engine.store)[0]?.spec.imageId, image.id);
});

t.test("names", async (t) => {
  const engine = makeEngine(t);
  const record = await createContainer(engine, makeRequest({ image: "host", name: "twice" }));
  t.match(record, { name: "twice", spec: { hostname: record.id.slice(0, 12), cmd: ["bash"] } });
  await t.rejects(createContainer(engine, makeRequest({ image: "host", name: "twice" })), { code: "name-taken", kind: "conflict" });
  const other = await createContainer(engine, makeRequest({ image: "host" }));
  t.match(other.name, /^[a-z]+_[a-z]+\d?$/);
  t.equal(listContainerRecords(engine.store).length, 2);
});
