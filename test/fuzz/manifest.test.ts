// Any bytes are a manifest, an index or refused; what is read can be written and read again. Any text is a platform or refused.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseManifestBytes, renderIndex, renderManifest } from "../../src/image/manifest.ts";
import { parsePlatform, renderPlatform, runnableOn } from "../../src/image/platform.ts";
import { renderProgress } from "../../src/image/progress.ts";

/** What it makes, or undefined when it is refused as it should be; anything else is thrown. */
function tolerant<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TsnsError && (error.kind === "invalid" || error.kind === "unsupported")) return undefined;
    throw error;
  }
}

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const descriptor = fc.record(
  {
    mediaType: fc.constantFrom("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.manifest.v1+json", "x/y"),
    size: fc.nat(),
    digest,
    urls: fc.array(fc.string(), { maxLength: 3 }),
    annotations: fc.dictionary(fc.string(), fc.string()),
    platform: fc.record({ os: fc.string(), architecture: fc.constantFrom("amd64", "arm", "x86_64", ""), variant: fc.string() }),
  },
  { requiredKeys: ["mediaType", "size", "digest"] },
);
const descriptors = fc.array(descriptor, { maxLength: 4 });
const optional = { annotations: fc.dictionary(fc.string(), fc.string()), subject: descriptor, artifactType: fc.string() };
const version = fc.constant(2);
const manifest = fc.record(
  { schemaVersion: version, config: descriptor, layers: descriptors, ...optional },
  { requiredKeys: ["schemaVersion", "config", "layers"] },
);
const index = fc.record({ schemaVersion: version, manifests: descriptors, ...optional }, { requiredKeys: ["schemaVersion", "manifests"] });
const good = fc.oneof(manifest, index);

t.test("documents are read, and written as they were read", async (t) => {
  fc.assert(
    fc.property(good, (value) => {
      const parsed = parseManifestBytes(Buffer.from(JSON.stringify(value)));
      t.same(parseManifestBytes(parsed.kind === "image" ? renderManifest(parsed) : renderIndex(parsed)), parsed);
    }),
  );
});

t.test("a document with one wrong member is refused, or means something", async () => {
  const members = ["schemaVersion", "mediaType", "config", "layers", "manifests", "annotations", "subject"] as const;
  fc.assert(
    fc.property(
      good,
      fc.constantFrom(...members),
      fc.oneof(fc.anything(), descriptors, fc.array(fc.anything())),
      (value, member, wrong) => {
        const text = JSON.stringify({ ...value, [member]: wrong }, (_, inner: unknown) =>
          typeof inner === "bigint" ? String(inner) : inner,
        );
        return void tolerant(() => parseManifestBytes(Buffer.from(text)));
      },
    ),
    { numRuns: 500 },
  );
});

t.test("bytes", async () => {
  const type = fc.oneof(fc.string(), fc.constantFrom("", "application/vnd.oci.image.index.v1+json"));
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(fc.property(body, type, (bytes, said) => void tolerant(() => parseManifestBytes(bytes, said))));
});

t.test("platforms", async (t) => {
  const word = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("linux", "amd64", "arm", "arm64", "v7", "8", "aarch64", "v3"));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const platform = tolerant(() => parsePlatform(words.join("/")));
      if (!platform) return;
      t.same(parsePlatform(renderPlatform(platform)), platform, renderPlatform(platform));
      t.same(runnableOn(platform)[0], platform);
    }),
  );
});

t.test("lines of progress are never wider than the terminal", async (t) => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(), fc.option(fc.nat(), { nil: undefined }), (columns, current, total) => {
      const line = renderProgress(
        { id: "0123456789ab", status: "Downloading", current, ...(total === undefined ? {} : { total }) },
        columns,
      );
      t.ok(columns === 0 || line.length < columns || line === "");
    }),
  );
});
