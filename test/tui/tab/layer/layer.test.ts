import t from "tap";
import type { ImageContent } from "../../../../src/engine/live/image-content.ts";
import { type LayerNode, openStacking } from "../../../../src/layer/contribution.ts";
import type { LayerEntry } from "../../../../src/layer/entry.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { layerTab } from "../../../../tui/tab/layer/layer.ts";
import { layerNodes, textOfName } from "../../../../tui/tab/layer/node.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";

const entry = (path: string, sizeBytes = -1, type: LayerEntry["type"] = sizeBytes < 0 ? "directory" : "file"): LayerEntry => ({
  path,
  type,
  mode: 0o755,
  uid: 0,
  gid: 0,
  sizeBytes: Math.max(sizeBytes, 0),
  allocatedBytes: 0,
  mtimeNanos: 0n,
  inode: 1n,
  links: 1,
  major: 0,
  minor: 0,
  xattrs: new Map(),
});

const stacking = openStacking();
const lay = (...entries: readonly LayerEntry[]) => {
  const layer = stacking.begin();
  for (const each of entries) layer.lay(each);
  return layer.contribution;
};
const evil = Buffer.from("\u001b[2Jä").toString("latin1");
const layers = [
  lay(entry("usr"), entry("usr/lib"), entry("usr/lib/big", 3 << 20), entry("etc"), entry("etc/passwd", 10), entry("etc/hosts", 20)),
  lay(
    entry("etc"),
    entry("etc/passwd", 12),
    entry("etc/hosts", 0, "char"),
    entry("opt"),
    entry("opt/a"),
    entry(`opt/a/${evil}`, 5),
    entry("opt/a/\xff", 1),
  ),
];
const content: ImageContent = {
  id: "sha256:1",
  steps: [
    { createdMs: 0, createdBy: "RUN do it", layer: 2, sizeBytes: 17 },
    { createdMs: 0, createdBy: "", layer: 1, sizeBytes: 3 },
  ],
  layers,
  whole: stacking.whole,
  entries: 13,
};
const chosen = (layer?: number) => ({ kind: "image", reference: "web", id: content.id, ...(layer ? { layer } : {}) }) as const;
const around = (layer?: number, given: ImageContent = content) =>
  makeSurroundings({ size: { columns: 60, rows: 12 }, chosen: chosen(layer), fed: { content: { content: given, counts: new Map() } } });

function linesOf(surroundings: ReturnType<typeof makeSurroundings>, ...keys: readonly string[]) {
  const state = keys.reduce(
    (before, name) => layerTab.update(before, { kind: "key", key: keyOf(name) }, surroundings).state,
    layerTab.initial,
  );
  return layerTab
    .draw(state, surroundings)
    .lines.map((line) => textOf(line).trimEnd())
    .filter((line) => line !== "");
}

t.test("of a layer what it did, largest first, names as bytes that act on nothing", async (t) => {
  t.same(linesOf(around(2), "*"), [
    "layer 2 of 2: 2 added, 1 changed, 1 removed; 18, 30 seen no~",
    "RUN do it",
    ">-     12   etc/",
    "        -20 D hosts",
    "         12 C passwd",
    " -      6 A opt/",
    "   -      6 A a/",
    "            5 A \\x1b[2Jä",
    "            1 A \ufffd",
    "/etc",
  ]);
  t.equal(textOfName("\xc3\xa4"), "ä");
});

t.test("of an image all that is seen, and directories that lead to one thing as one", async (t) => {
  const lines = linesOf(around());
  t.equal(lines[0], "2 layers: 4 files, 3M");
  t.match(lines[1], /^>\+ {5}3M {3}usr\/lib\/$/);
  const [only] = layerNodes({ isDirectory: true, sizeBytes: 0, removedBytes: 0, children: new Map([["a", makeDirectory("b", "c")]]) });
  t.equal(only?.where, "/a/b/c");
});

const makeDirectory = (...names: readonly string[]): LayerNode => {
  const [first, ...rest] = names;
  const children = first === undefined ? undefined : new Map([[first, makeDirectory(...rest)]]);
  return { isDirectory: true, sizeBytes: 0, removedBytes: 0, ...(children ? { children } : {}) };
};

t.test("while it is read, and where there is nothing", async (t) => {
  const { whole: _, ...begun } = content;
  t.same(linesOf(around(undefined, begun)), ["reading ... 13 files and directories so far"]);
  t.same(linesOf(around(undefined, { ...begun, id: "other" })), ["reading ..."]);
  const host = { ...content, layers: [], whole: openStacking().whole };
  t.match(linesOf(around(undefined, host)).at(-1), /it has no layers/);
  t.same(layerTab.needs(layerTab.initial, around(1)), [{ kind: "content", image: content.id }]);
});
