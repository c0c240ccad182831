// Memory of commands that move whole images: bounded, however large the layers are and however well they are packed.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { renderTarHeader, tarEnd } from "../../src/image/tar-write.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { startFake } from "../fixture/fake-registry.ts";
import { measure } from "../fixture/memory.ts";
import { addManifest, describe, emptyContent, serveContent, types } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const mib = 2 ** 20;
const limitKiB = 200 * 1024;

interface PackedLayer {
  readonly blob: Buffer;
  readonly diffId: string;
}

/** A layer of one file, the same MiB again and again. gzip allows members one after the other, so one MiB is packed once. */
function repeatLayer(path: string, piece: Buffer, times: number, level: number): PackedLayer {
  const [head, tail] = [renderTarHeader({ path, type: "file", sizeBytes: times * mib }), tarEnd()];
  const hash = createHash("sha256").update(head);
  for (let at = 0; at < times; at++) hash.update(piece);
  const member = gzipSync(piece, { level });
  const blob = Buffer.concat([gzipSync(head), ...Array.from({ length: times }, () => member), gzipSync(tail)]);
  return { blob, diffId: `sha256:${hash.update(tail).digest("hex")}` };
}

async function small(t: Test, root: DataRoot, args: readonly string[], input?: Iterable<Uint8Array>): Promise<void> {
  const { code, stderr, memoryKiB } = await measure(root, args, input);
  t.equal(code, 0, stderr);
  t.ok(memoryKiB > 10_000 && memoryKiB < limitKiB, `tsns ${args[0]}: ${Math.round(memoryKiB / 1024)} MiB`);
}

t.test("pull, save and load of large layers", needRoot, async (t) => {
  const layers = [repeatLayer("zeros", Buffer.alloc(mib), 300, 9), repeatLayer("noise", randomBytes(mib), 150, 0)];
  t.ok((layers[0]?.blob.length ?? mib) < mib, "almost nothing on its way");
  const content = emptyContent();
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const described = [describe(config, types.config), ...layers.map(({ blob }) => describe(blob, types.layer))];
  for (const [at, bytes] of [config, ...layers.map(({ blob }) => blob)].entries()) content.blobs.set(described[at]?.digest ?? "", bytes);
  addManifest(
    content,
    "1",
    { schemaVersion: 2, mediaType: types.manifest, config: described[0], layers: described.slice(1) },
    types.manifest,
  );
  const { host } = await serveContent(t, content);
  const name = `${host}/large:1`;
  const root = makeRoot(t);
  await small(t, root, ["pull", "-q", name]);
  await small(t, root, ["save", "-o", `${root.path}/large.tar`, name]);
  await root.ok(["rmi", name]);
  await small(t, root, ["load", "-q", "-i", `${root.path}/large.tar`]);
  t.equal(await root.ok(["images", "--format", "{{.Repository}}:{{.Tag}}"]), `${name}\nhost:latest`);
});

t.test("import and push of a large tar, which is packed on its way", needRoot, async (t) => {
  const root = makeRoot(t);
  const path = `${root.path}/large.tar`;
  const file = openSync(path, "w");
  writeSync(file, renderTarHeader({ path: "zeros", type: "file", sizeBytes: 200 * mib }));
  ftruncateSync(file, 512 + 200 * mib + 1024); // the end of a tar is zeros as well
  closeSync(file);
  const { host, asked } = await startFake(t, ({ method, url }, response) => {
    if (url === "/v2/") return;
    const status = { HEAD: 404, POST: 202 }[method] ?? 201;
    response.writeHead(status, status === 202 ? { location: `${url}1` } : {}).end();
  });
  await small(t, root, ["import", path, `${host}/large:1`]);
  await small(t, root, ["push", "-q", `${host}/large:1`]);
  const packed = asked.find(({ method, url }) => method === "PUT" && url.includes("/uploads/"))?.body ?? Buffer.alloc(0);
  t.equal(gunzipSync(packed).length, 512 + 200 * mib + 1024, "the packed layer has arrived");
});

/** A tar of hard links, written while it is read: `entries` of them, each file having as many as file systems allow. */
function* manyLinks(entries: number): Generator<Buffer> {
  const linksMax = 30_000;
  let piece: Buffer[] = [];
  for (let at = 0; at < entries; at++) {
    const path = `${at % 50}/a-name-of-usual-length-${at}`;
    const linkPath = `file-${Math.floor(at / linksMax)}`;
    if (at % linksMax === 0) piece.push(renderTarHeader({ path: linkPath, type: "file", sizeBytes: 0 }));
    piece.push(renderTarHeader({ path, type: "link", linkPath }));
    if (piece.length < 1000) continue;
    yield Buffer.concat(piece);
    piece = [];
  }
  yield Buffer.concat([...piece, tarEnd()]);
}

t.test("archives of very many entries", needRoot, async (t) => {
  const root = makeRoot(t);
  const few = await measure(root, ["import", "-", "few"], manyLinks(5_000));
  const many = await measure(root, ["import", "-", "many"], manyLinks(100_000));
  t.match([few.code, many.code], [0, 0], few.stderr + many.stderr);
  t.ok(many.memoryKiB < few.memoryKiB + 40 * 1024, `from ${few.memoryKiB} to ${many.memoryKiB} KiB`);
  const refused = await measure(root, ["import", "--unpack-limit", "entries=20000", "-", "refused"], manyLinks(1_000_000));
  t.equal(refused.code, 1);
  t.match(
    refused.stderr,
    /^tsns: the archive unpacks to more than 20000 entries \([^\n]*--unpack-limit[^\n]*\)\n$/,
    "one line with the remedy",
  );
  const loaded = await measure(root, ["load", "-q"], manyLinks(101_000));
  t.match(loaded, { code: 1, stderr: /^tsns: the archive holds no images: it has more than 100000 members / });
  t.ok(loaded.memoryKiB < limitKiB, `${loaded.memoryKiB} KiB`);
  t.same(readdirSync(`${root.path}/tmp`), []);
  t.equal(await root.ok(["images", "--format", "{{.Repository}}"]), "many\nfew\nhost");
});
