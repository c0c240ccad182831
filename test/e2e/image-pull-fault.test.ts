// Pulls that cannot be: one line with the name and the cause, nothing half-visible, and a retry that works.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { addImage, addManifest, type Content, type Described, emptyContent, serveContent, types } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const note = (text: string, bytes = 0) =>
  makeTar([{ path: "note", type: "file", data: text.padEnd(Math.max(bytes, text.length), "0123456789abcdef") }]);
/** Stored, not packed: so that its parts are found in what goes over the wire. */
const stored = (tar: Buffer) => gzipSync(tar, { level: 0 });

function imagesOf(root: DataRoot): Promise<string> {
  return root.ok(["images", "--format", "{{.Repository}}"]);
}

async function refused(t: Test, root: DataRoot, name: string, stderr: RegExp): Promise<void> {
  const settings = `${root.path}/registries.json`;
  writeFileSync(settings, '{"tries": 1}');
  const outcome = await root.tsns(["pull", "-q", name], { env: { TSNS_REGISTRIES: settings } });
  t.match(outcome, { code: 1, stdout: "", stderr }, name);
  t.equal(outcome.stderr.split("\n").length, 2, `one line: ${outcome.stderr}`);
  t.ok(outcome.stderr.length < 600, outcome.stderr);
}

t.test("what a registry may have wrong", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const good = { tars: [note("a"), note("b")], pack: gzipSync };
  addImage(content, "good", good);
  const add = (tag: string, change: (manifest: { config: Described; layers: Described[] } & Record<string, unknown>) => unknown) => {
    const { layers, digest } = addImage(content, undefined, good);
    const manifest = JSON.parse(content.manifests.get(digest)?.bytes.toString() ?? "");
    addManifest(content, tag, change({ ...manifest, layers: [...layers] }), types.manifest);
  };
  const [first, second] = addImage(content, undefined, good).layers;
  if (!first || !second) throw new Error("an image of two layers");
  add("swapped", (manifest) => ({ ...manifest, layers: [second, first] }));
  add("fewer", (manifest) => ({ ...manifest, layers: [first] }));
  add("foreign", (manifest) => ({
    ...manifest,
    layers: [{ ...first, mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", urls: ["http://127.0.0.1/x"] }, second],
  }));
  add("encrypted", (manifest) => ({ ...manifest, layers: [{ ...first, mediaType: `${types.ociLayer}+gzip+encrypted` }, second] }));
  add("chart", (manifest) => ({ ...manifest, config: { ...manifest.config, mediaType: "application/vnd.cncf.helm.config.v1+json" } }));
  add("size", (manifest) => ({ ...manifest, layers: [{ ...first, size: first.size - 1 }, second] }));
  add("config-size", (manifest) => ({ ...manifest, config: { ...manifest.config, size: manifest.config.size + 1 } }));
  add("gone", (manifest) => ({ ...manifest, layers: [{ ...first, digest: `sha256:${"0".repeat(64)}` }, second] }));
  addManifest(content, "page", Buffer.from("<html>"), "text/html");
  addManifest(content, "noise", Buffer.from("{"), types.manifest);
  addManifest(content, "schema1", { schemaVersion: 1, name: "x" }, "application/vnd.docker.distribution.manifest.v1+prettyjws");
  addManifest(content, "huge", Buffer.alloc((4 << 20) + 1, " "), types.manifest);
  addManifest(content, "loop", { schemaVersion: 2, mediaType: types.ociIndex, manifests: [] }, types.ociIndex);
  addImage(content, "windows", { ...good, config: { os: "windows" } });
  addImage(content, "no-archive", { tars: [Buffer.from("not a tar, not at all".repeat(100))], pack: gzipSync });
  const { host } = await serveContent(t, content);
  const cases: Readonly<Record<string, RegExp>> = {
    nosuch: /manifest for .*:nosuch not found/,
    swapped: /unpacks to sha256:\S+, its configuration says sha256:/,
    fewer: /:fewer is damaged: its manifest has 1 layers, its configuration 2/,
    foreign: /:foreign: the layer sha256:\S+ may not be distributed/,
    encrypted: /:encrypted: .*media type .*encrypted/,
    chart: /:chart is no container image but has the type .*helm/,
    size: /more than its \d+ bytes/,
    "config-size": /bytes/,
    gone: /does not have this blob/,
    page: /text\/html, not a manifest/,
    noise: /:noise is no usable manifest: it is no JSON/,
    schema1: /:schema1 has docker's schema 1/,
    huge: /:huge: its manifest is larger than 4 MiB/,
    loop: /no matching manifest for linux/,
    windows: /:windows is for windows/,
    "no-archive": /damaged|no archive|checksum/,
  };
  for (const [tag, stderr] of Object.entries(cases)) await refused(t, root, `${host}/x:${tag}`, stderr);
  t.match(await root.tsns(["pull", "BAD"]), { code: 1, stderr: /lowercase/ });
  t.match(await root.tsns(["pull", "--max-concurrent-downloads", "0", `${host}/x:good`]), { code: 1, stderr: /from 1 to 64/ });
  t.equal(await imagesOf(root), "host");
  await root.ok(["pull", `${host}/x:good`]);
  t.match(
    await root.tsns(["pull", "--unpack-limit", "much", `${host}/x:good`]),
    { code: 2, stdout: "", stderr: /invalid unpack limit "much"/ },
    "also for an image that is here",
  );
  t.equal(await imagesOf(root), `${host}/x\nhost`);
});

t.test("bytes that are changed or cut on their way", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const [, layer] = addImage(content, "1", { tars: [note("below"), note("above", 300_000)], pack: stored }).layers;
  if (!layer) throw new Error("an image of two layers");
  const whole = content.blobs.get(layer.digest) ?? Buffer.alloc(0);
  let fault: "none" | "changed" | "packed" | "config" = "none";
  const { host } = await serveContent(t, content, (request, response) => {
    const isLayer = request.url?.endsWith(layer.digest) ?? false;
    if (fault === "none" || !isLayer) return false;
    const bytes = Buffer.from(whole);
    // in the middle of a file: it still unpacks; or so that it does not
    if (fault === "changed") bytes[bytes.length - 100_000] = 0;
    else bytes.fill(0xff, 1000, 2000);
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    return true;
  });
  for (fault of ["changed", "packed"] as const)
    await refused(t, root, `${host}/x:1`, new RegExp(`the layer ${layer.digest} of .*/x:1 does not match its digest`));
  fault = "none";
  t.equal(await imagesOf(root), "host");
  t.notOk(readdirSync(`${root.path}/blobs/sha256`).includes(layer.digest.slice(7)), "no blob with the wrong bytes");
  t.same(readdirSync(`${root.path}/tmp`), []);
  t.match(await root.ok(["pull", `${host}/x:1`]), /Downloaded newer image/);
});

t.test("killed in the middle of a layer: the next pull fetches only what is missing", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const [small, large] = addImage(content, "1", { tars: [note("small"), note("large", 4_000_000)], pack: stored }).layers;
  if (!small || !large) throw new Error("an image of two layers");
  let isStalled = true;
  let open: ServerResponse | undefined;
  const { host, requests } = await serveContent(t, content, (request, response) => {
    if (!isStalled || !request.url?.endsWith(large.digest)) return false;
    const bytes = content.blobs.get(large.digest) ?? Buffer.alloc(0);
    response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 2_000_000));
    open = response;
    return true;
  });
  const child = root.start(["pull", `${host}/x:1`]);
  await waitFor(
    () => "the small layer is stored, the large one under way",
    () => open !== undefined && blobsOf(root).includes(small.digest) && readdirSync(`${root.path}/tmp`).length > 0,
  );
  child.kill("SIGKILL");
  await once(child, "close");
  isStalled = false;
  t.equal(await imagesOf(root), "host", "nothing half-visible");
  requests();
  t.match(await root.ok(["pull", `${host}/x:1`]), /Downloaded newer image/);
  t.same(
    requests().filter((line) => line.includes(small.digest)),
    [],
    "the layer that was whole is not fetched again",
  );
  t.same(readdirSync(`${root.path}/tmp`), [], "what the killed one left is swept");
  checkBlobs(t, root, content);
});

t.test("a full disk", needRoot, async (t) => {
  const root = makeRoot(t);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tsns-test", root.path]);
  t.teardown(() => execFileSync("umount", [root.path]));
  const content = emptyContent();
  addImage(content, "1", { tars: [note("first"), note("second", 9_000_000)], pack: stored });
  const { host } = await serveContent(t, content);
  await refused(t, root, `${host}/x:1`, /no space left/i);
  t.equal(await imagesOf(root), "host");
  execFileSync("mount", ["-o", "remount,size=64m", root.path]);
  t.match(await root.ok(["pull", `${host}/x:1`]), /Downloaded newer image/);
  checkBlobs(t, root, content);
});

t.test("interrupted by ctrl-c", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const [layer] = addImage(content, "1", { tars: [note("large", 1_000_000)], pack: stored }).layers;
  let isOpen = false;
  const { host } = await serveContent(t, content, (request, response) => {
    if (!layer || !request.url?.endsWith(layer.digest)) return false;
    response.writeHead(200, { "content-length": layer.size }).write(content.blobs.get(layer.digest)?.subarray(0, 500_000));
    isOpen = true;
    return true;
  });
  const child = root.start(["pull", `${host}/x:1`]);
  await waitFor(
    () => "the layer is under way",
    () => isOpen && readdirSync(`${root.path}/tmp`).length > 0,
  );
  child.kill("SIGINT");
  const [code, signal] = await once(child, "close");
  t.ok(code === 130 || signal === "SIGINT", `${code} ${signal}`);
  t.same(readdirSync(`${root.path}/tmp`), []);
});

function blobsOf(root: DataRoot): string[] {
  try {
    return readdirSync(`${root.path}/blobs/sha256`).map((hex) => `sha256:${hex}`);
  } catch {
    return []; // not made yet
  }
}

function checkBlobs(t: Test, root: DataRoot, content: Content): void {
  const wanted = [...new Set([...content.blobs.keys(), ...content.manifests.keys()])].filter((key) => key.startsWith("sha256:"));
  t.same(blobsOf(root).sort(), wanted.sort());
}
