// Manifests and indexes: read, refused, written.
import t from "tap";
import { manifestBytesMax, parseManifestBytes, renderIndex, renderManifest } from "../../src/image/manifest.ts";

const hex = (digit: string) => `sha256:${digit.repeat(64)}`;
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";
const list = "application/vnd.docker.distribution.manifest.list.v2+json";
const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociIndex = "application/vnd.oci.image.index.v1+json";

const config = { mediaType: "application/vnd.docker.container.image.v1+json", size: 7, digest: hex("a") };
const layer = { mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", size: 9, digest: hex("b") };
const image = { schemaVersion: 2, mediaType: schema2, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  mediaType: list,
  manifests: [{ mediaType: schema2, size: 5, digest: hex("c"), platform: { architecture: "arm64", os: "linux", variant: "v8" } }],
};
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

t.test("docker's schema 2", async (t) => {
  const parsed = parseManifestBytes(bytes(image), schema2);
  t.same(parsed, {
    kind: "image",
    mediaType: schema2,
    config: { mediaType: config.mediaType, sizeBytes: 7, digest: hex("a") },
    layers: [{ mediaType: layer.mediaType, sizeBytes: 9, digest: hex("b") }],
    annotations: {},
  });
  t.same(parseManifestBytes(bytes(image), `${schema2}; charset=utf-8`), parsed, "parameters of a content type");
  t.same(parseManifestBytes(bytes(image), "application/json"), parsed, "a content type that says nothing");
  t.same(parseManifestBytes(bytes(image)), parsed, "none");
});

t.test("OCI, which need not say what it is", async (t) => {
  const { mediaType: _, ...bare } = image;
  t.match(parseManifestBytes(bytes(bare)), { kind: "image", mediaType: ociManifest });
  t.match(parseManifestBytes(bytes(bare), schema2), { kind: "image", mediaType: schema2 });
  t.match(parseManifestBytes(bytes({ schemaVersion: 2, manifests: [] })), { kind: "index", mediaType: ociIndex, manifests: [] });
  const artifact = { ...bare, artifactType: "a/b", subject: config, annotations: { x: "y" } };
  t.match(parseManifestBytes(bytes(artifact)), { artifactType: "a/b", subject: { digest: hex("a") }, annotations: { x: "y" } });
  t.match(parseManifestBytes(bytes({ ...bare, layers: null, annotations: null })), { layers: [], annotations: {} }, "null is absent");
});

t.test("an index", async (t) => {
  t.match(parseManifestBytes(bytes(index), list), {
    kind: "index",
    mediaType: list,
    manifests: [{ digest: hex("c"), sizeBytes: 5, platform: { os: "linux", architecture: "arm64", variant: "" } }],
  });
});

t.test("written and read again", async (t) => {
  const manifest = parseManifestBytes(bytes({ ...image, annotations: { k: "v" } }));
  const indexed = parseManifestBytes(bytes({ ...index, mediaType: ociIndex }));
  if (manifest.kind !== "image" || indexed.kind !== "index") throw new Error("the kinds are mixed up");
  t.same(parseManifestBytes(renderManifest(manifest)), manifest);
  t.same(parseManifestBytes(renderIndex(indexed)), indexed);
  t.match(JSON.parse(renderManifest(manifest).toString()), { schemaVersion: 2, config: { size: 7 } });
});

t.test("refused", async (t) => {
  const cases: readonly (readonly [string, Buffer, string, string])[] = [
    ["no JSON", Buffer.from("<html>"), "", "bad-manifest"],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), "", "bad-manifest"],
    ["a list", bytes([]), "", "bad-manifest"],
    ["no version", bytes({ ...image, schemaVersion: undefined }), "", "bad-manifest"],
    ["schema 1", bytes({ schemaVersion: 1, name: "x", fsLayers: [] }), "", "manifest-schema1"],
    ["schema 1 by type", bytes(image), "application/vnd.docker.distribution.manifest.v1+prettyjws", "manifest-schema1"],
    ["a web page", bytes(image), "text/html", "wrong-media-type"],
    ["another type than was sent", bytes(image), ociManifest, "wrong-media-type"],
    ["a manifest sent as an index", bytes({ ...image, mediaType: undefined }), ociIndex, "wrong-media-type"],
    ["an index that calls itself a manifest", bytes({ ...index, mediaType: schema2 }), "", "wrong-media-type"],
    ["a layer's type", bytes({ ...image, mediaType: layer.mediaType }), "", "wrong-media-type"],
    ["both at once", bytes({ ...image, manifests: [] }), "", "bad-manifest"],
    ["no config", bytes({ ...image, config: undefined }), "", "bad-manifest"],
    ["layers that are no list", bytes({ ...image, layers: {} }), "", "bad-manifest"],
    ["another hash", bytes({ ...image, config: { ...config, digest: "md5:0" } }), "", "bad-manifest"],
    ["an upper case digest", bytes({ ...image, config: { ...config, digest: hex("A") } }), "", "bad-manifest"],
    ["a negative size", bytes({ ...image, config: { ...config, size: -1 } }), "", "bad-manifest"],
    ["no size", bytes({ ...image, config: { ...config, size: undefined } }), "", "bad-manifest"],
    ["a size beyond numbers", bytes({ ...image, config: { ...config, size: 2 ** 60 } }), "", "bad-manifest"],
    ["too many layers", bytes({ ...image, layers: Array(1001).fill(layer) }), "", "bad-manifest"],
    ["too long", Buffer.alloc(manifestBytesMax + 1, 0x20), "", "manifest-too-large"],
  ];
  for (const [name, body, type, code] of cases) t.throws(() => parseManifestBytes(body, type), { code }, name);
  t.throws(() => parseManifestBytes(bytes({}), "", "the manifest of x:1"), { message: /^the manifest of x:1 / });
});
