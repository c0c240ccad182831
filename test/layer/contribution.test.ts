// What a layer does to those below it.
import t from "tap";
import { type Contribution, type LayerNode, openStacking } from "../../src/layer/contribution.ts";
import type { LayerEntry } from "../../src/layer/entry.ts";

const entry = (path: string, given: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  type: path.endsWith("/") ? "directory" : "file",
  mode: 0o755,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  allocatedBytes: 0,
  mtimeNanos: 0n,
  inode: 1n,
  links: 1,
  major: 0,
  minor: 0,
  xattrs: new Map(),
  ...given,
});
const directory = (path: string, isOpaque = false): LayerEntry =>
  entry(path, { type: "directory", ...(isOpaque ? { xattrs: new Map([["trusted.overlay.opaque", Buffer.from("y")]]) } : {}) });
const file = (path: string, sizeBytes: number, given: Partial<LayerEntry> = {}): LayerEntry => entry(path, { sizeBytes, ...given });
const whiteout = (path: string): LayerEntry => entry(path, { type: "char" });

/** "A usr/ 30 -5": deed, name, bytes, bytes that are gone; below it indented. */
function lines({ children }: LayerNode, indent = ""): string[] {
  return [...(children ?? [])].flatMap(([name, node]) => {
    const letter = { added: "A", changed: "C", removed: "D" }[node.deed ?? "added"] ?? "";
    const gone = node.removedBytes > 0 ? ` -${node.removedBytes}` : "";
    const line = `${indent}${node.deed ? letter : "."} ${name}${node.isDirectory ? "/" : ""} ${node.sizeBytes}${gone}`;
    return [line, ...lines(node, `${indent}  `)];
  });
}

function lay(...layers: readonly (readonly LayerEntry[])[]): { readonly layers: readonly Contribution[]; readonly whole: Contribution } {
  const stacking = openStacking();
  const done = layers.map((entries) => {
    const layer = stacking.begin();
    for (const each of entries) layer.lay(each);
    return layer.contribution;
  });
  return { layers: done, whole: stacking.whole };
}

const base = [
  directory("etc"),
  file("etc/passwd", 10),
  directory("usr"),
  directory("usr/lib"),
  file("usr/lib/a", 100),
  file("usr/lib/b", 50),
];

t.test("added, changed, removed, with sums up to the root", async (t) => {
  const { layers, whole } = lay(base, [
    directory("etc"),
    file("etc/passwd", 12),
    file("etc/new", 3),
    directory("usr"),
    whiteout("usr/lib"),
  ]);
  t.same(layers[0]?.counts, { added: 3, changed: 0, removed: 0 });
  t.same(lines(layers[0]?.root as LayerNode), ["A etc/ 10", "  A passwd 10", "A usr/ 150", "  A lib/ 150", "    A a 100", "    A b 50"]);
  t.same(layers[1]?.counts, { added: 1, changed: 1, removed: 2 });
  t.same(lines(layers[1]?.root as LayerNode), [
    ". etc/ 15 -10",
    "  C passwd 12 -10",
    "  A new 3",
    ". usr/ 0 -150",
    "  D lib/ 0 -150",
    "    D a 0 -100",
    "    D b 0 -50",
  ]);
  t.match(layers[1]?.root, { sizeBytes: 15, removedBytes: 160 });
  t.same(whole.counts, { added: 2, changed: 0, removed: 0 });
  t.same(lines(whole.root), [". etc/ 15", "  . passwd 12", "  . new 3", ". usr/ 0"]);
});

t.test("a directory made anew, and files in the place of directories and the other way round", async (t) => {
  const { layers, whole } = lay(
    base,
    [directory("usr"), directory("usr/lib", true), file("usr/lib/c", 1), file("etc", 7)],
    [directory("etc"), file("etc/x", 2)],
  );
  t.same(layers[1]?.counts, { added: 2, changed: 0, removed: 3 });
  t.same(lines(layers[1]?.root as LayerNode).slice(0, 5), [
    ". usr/ 1 -150",
    "  C lib/ 1 -150",
    "    D a 0 -100",
    "    D b 0 -50",
    "    A c 1",
  ]);
  t.same(layers[2]?.counts, { added: 1, changed: 0, removed: 1 });
  t.same(whole.counts, { added: 2, changed: 0, removed: 0 });
  t.same(whole.root.sizeBytes, 3);
});

t.test("what is below something taken away, whiteouts of nothing, names of one file", async (t) => {
  const link = { links: 2, inode: 9n };
  const { layers } = lay(
    base,
    [whiteout("usr"), file("usr/lib/z", 5), whiteout("nowhere")],
    [file("one", 40, link), file("two", 40, link)],
  );
  t.same(layers[1]?.counts, { added: 0, changed: 0, removed: 2 });
  t.same(layers[2]?.counts, { added: 2, changed: 0, removed: 0 });
  t.equal(layers[2]?.root.sizeBytes, 40);
});
