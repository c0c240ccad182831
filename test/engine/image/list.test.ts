// Rows of a list of images, and what goes with a parent: on rows alone, no files.
import t, { type Test } from "tap";
import { listImageRows } from "../../../src/engine/image/list.ts";
import { removeImage } from "../../../src/engine/image/remove.ts";
import { choosePruned } from "../../../src/engine/system/prune-choose.ts";
import { emptyConfig } from "../../../src/image/config.ts";
import { parseReference } from "../../../src/image/reference.ts";
import { listImageHeads, putImage, tagImage } from "../../../src/store/image-record.ts";
import { openTestEngine } from "../../fixture/store.ts";

const idOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const digest = `sha256:${"9".repeat(64)}`;

/** An image for each [digit, names, parent]. */
function open(t: Test, images: readonly (readonly [digit: string, names: readonly string[], parent?: string])[]) {
  const engine = openTestEngine(t);
  images.forEach(([digit, names, parent], at) => {
    putImage(
      engine.store,
      {
        id: idOf(digit),
        createdMs: 1000 - at,
        architecture: "amd64",
        os: "linux",
        sizeBytes: 1,
        diffIds: [],
        config: emptyConfig,
        source: "layers",
        comment: "",
      },
      parent === undefined ? "" : idOf(parent),
    );
    for (const name of names) tagImage(engine.store, idOf(digit), parseReference(name));
  });
  return engine;
}

const rowsOf = (engine: ReturnType<typeof open>, options: Parameters<typeof listImageRows>[1] = {}) =>
  listImageRows(engine, options)
    .filter(({ repository }) => repository !== "host")
    .map(({ image, repository, tag, digest: hash }) => `${image.id.slice(7, 8)} ${repository} ${tag} ${hash.slice(0, 8)}`);

t.test("tags and digests", async (t) => {
  const engine = open(t, [
    ["1", ["app:1", "app:2", `app@${digest}`, `copy@${digest}`, `copy@sha256:${"8".repeat(64)}`]],
    ["2", []],
  ]);
  t.same(rowsOf(engine), ["1 app 1 <none>", "1 app 2 <none>", "1 copy <none> <none>", "2 <none> <none> <none>"]);
  t.same(rowsOf(engine, { digests: true }), [
    "1 app 1 sha256:9",
    "1 app 2 sha256:9",
    "1 copy <none> sha256:8",
    "1 copy <none> sha256:9",
    "2 <none> <none> <none>",
  ]);
  t.same(rowsOf(engine, { pattern: "app:2" }), ["1 app 2 <none>"]);
  t.same(rowsOf(engine, { filters: ["dangling=true"] }), ["2 <none> <none> <none>"]);
  t.same(rowsOf(engine, { filters: ["before=app:1"] }), ["2 <none> <none> <none>"]);
  t.same(rowsOf(engine, { filters: ["dangling=false"], pattern: "copy" }), ["1 copy <none> <none>"]);
});

t.test("parents", async (t) => {
  const images = [
    ["3", ["top"], "2"],
    ["2", [], "1"],
    ["1", [], "0"],
    ["0", ["base"]],
  ] as const;
  const engine = open(t, images);
  t.same(rowsOf(engine), ["3 top latest <none>", "0 base latest <none>"]);
  t.equal(rowsOf(engine, { all: true }).length, 4);
  t.throws(() => removeImage(engine, "222222", { force: true }), { code: "image-has-children" });
  t.same(removeImage(engine, "base"), { untagged: ["base:latest"], deleted: [] }, "a parent stays, without a name");
  t.same(removeImage(engine, "top", { prune: false }), { untagged: ["top:latest"], deleted: [idOf("3")] });
  t.same(rowsOf(engine), ["2 <none> <none> <none>"]);

  const again = open(t, images);
  t.same(removeImage(again, "top"), { untagged: ["top:latest"], deleted: ["3", "2", "1"].map(idOf) }, "up to one with a name");
  t.same(
    listImageHeads(again.store).map(({ names }) => names),
    [["base:latest"], ["host:latest"]],
  );

  const pruned = open(t, images);
  t.same(choosePruned(pruned, { images: "dangling" }).images, [], "nothing dangles");
  t.same(
    choosePruned(pruned, { images: "all" }).images.map(({ id }) => id),
    ["3", "2", "1", "0"].map(idOf),
    "children first",
  );
  pruned.store.run("INSERT INTO container VALUES (?, 'c', 0, ?, '{}')", "c".repeat(64), JSON.stringify({ imageId: idOf("1"), labels: {} }));
  t.same(
    choosePruned(pruned, { images: "all" }).images.map(({ id }) => id),
    ["3", "2"].map(idOf),
    "a container needs what it was made of",
  );
  t.same(
    choosePruned(pruned, { images: "all", containers: true }).images.map(({ id }) => id),
    ["3", "2", "1", "0"].map(idOf),
    "unless it goes too",
  );
});
