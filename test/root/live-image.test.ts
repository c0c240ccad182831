// Images as they are told while they change, and what their layers did, in a data root of its own.
import "../fixture/fresh-namespaces.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { loadImages } from "../../src/engine/image/load.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { addTag } from "../../src/engine/image/tag.ts";
import { type LiveImage, watchImages } from "../../src/engine/live/image.ts";
import { type ImageContent, readImageContent } from "../../src/engine/live/image-content.ts";
import { hostImage } from "../../src/image/host.ts";
import type { Contribution } from "../../src/layer/contribution.ts";
import { makeTar } from "../fixture/busybox.ts";
import { makeDockerArchive } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";

const file = (path: string, data = "") => ({ path, type: "file", data }) as const;
const directory = (path: string) => ({ path, type: "directory" }) as const;

const base = makeTar([
  directory("etc"),
  file("etc/passwd", "12345"),
  directory("old"),
  directory("old/in"),
  file("old/in/a", "123"),
  file("gone", "1"),
]);
const upper = makeTar([
  directory("etc"),
  file("etc/passwd", "1234567"),
  file("etc/new", "12"),
  file(".wh.gone"),
  directory("old"),
  file("old/.wh..wh..opq"),
  file("old/b", "1"),
]);

async function* bytes(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer;
}

function makeEngine(t: Test): Engine {
  const root = mkdtempSync(`${tmpdir()}/tsns-live-image-`);
  const engine = openEngine(root);
  t.teardown(() => {
    engine[Symbol.dispose]();
    rmSync(root, { recursive: true, force: true });
  });
  return engine;
}

async function lastContent(engine: Engine, id: string): Promise<ImageContent | undefined> {
  let last: ImageContent | undefined;
  for await (const content of readImageContent(engine, id, new AbortController().signal)) last = content;
  return last;
}

const rootOf = (contribution: Contribution | undefined) => Object.fromEntries(contribution?.root.children ?? []);

t.test("told at once, and when an image comes, is named and goes", { ...needRoot, buffered: true }, async (t) => {
  const engine = makeEngine(t);
  const end = new AbortController();
  t.teardown(() => end.abort());
  const images = watchImages(engine, end.signal);
  const next = async (): Promise<readonly LiveImage[]> => {
    const listed: readonly LiveImage[] = (await images.next()).value ?? [];
    return listed.filter(({ isHost }) => !isHost);
  };
  t.same(await next(), []);
  const archive = makeDockerArchive([
    { layers: [base], tags: ["base:1"] },
    { layers: [base, upper], tags: ["web:1"] },
  ]);
  await loadImages(engine, { source: bytes(archive) });
  const both = await next();
  t.same(both.map(({ names }) => names).sort(), [["base:1"], ["web:1"]]);
  const web = both.find(({ names }) => names[0] === "web:1");
  t.match(web, { sizeBytes: 19, sharedBytes: 9, users: [], isParent: false });
  t.same([...(web?.sharedWith.values() ?? [])], [1]);
  addTag(engine, "web:1", "web:2");
  t.same((await next()).find(({ id }) => id === web?.id)?.names, ["web:1", "web:2"]);
  await removeImage(engine, "base:1", { force: false });
  t.match(await next(), [{ names: ["web:1", "web:2"], sharedBytes: 0 }]);
  const last = images.next();
  end.abort();
  t.ok((await last).done);
});

t.test("what each layer did, and what is seen in the end", { ...needRoot, buffered: true }, async (t) => {
  const engine = makeEngine(t);
  const [image] = (await loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [base, upper], tags: ["web:1"] }])) })) ?? [];
  const content = await lastContent(engine, image?.image.id ?? "");
  t.match(content?.steps, [
    { layer: 2, createdBy: "layer 1", sizeBytes: 10 },
    { layer: 1, createdBy: "layer 0", sizeBytes: 9 },
  ]);
  t.same(
    content?.layers.map(({ counts }) => counts),
    [
      { added: 3, changed: 0, removed: 0 },
      { added: 2, changed: 1, removed: 2 },
    ],
  );
  t.match(rootOf(content?.layers[1]), {
    gone: { deed: "removed", removedBytes: 1 },
    old: { deed: "changed", sizeBytes: 1, removedBytes: 3 },
    etc: { sizeBytes: 9, removedBytes: 5 },
  });
  t.match(rootOf(content?.whole), { etc: { sizeBytes: 9 }, old: { sizeBytes: 1 } });
  t.notOk(rootOf(content?.whole).gone);
  t.same(content?.whole?.counts, { added: 3, changed: 0, removed: 0 });
});

t.test("nothing of this machine, of what is not there, and after an abort", { ...needRoot, buffered: true }, async (t) => {
  const engine = makeEngine(t);
  t.match(await lastContent(engine, hostImage.id), { steps: [], layers: [], entries: 0, whole: { counts: { added: 0 } } });
  t.match(await lastContent(engine, `sha256:${"0".repeat(64)}`), { steps: [], layers: [] });
  const [image] = (await loadImages(engine, { source: bytes(makeDockerArchive([{ layers: [base], tags: ["web:1"] }])) })) ?? [];
  const end = new AbortController();
  const reading = readImageContent(engine, image?.image.id ?? "", end.signal);
  t.match((await reading.next()).value, { layers: [] });
  end.abort();
  t.ok((await reading.next()).done);
});
