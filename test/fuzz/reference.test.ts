// Any text is a name or refused with a TsnsError; a name's short form is a name that means the same.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseDeb822, parseSourcesList } from "../../src/image/apt-source.ts";
import { parseDockerManifest, parseIndex, parseManifest } from "../../src/image/archive.ts";
import { applyChanges } from "../../src/image/change.ts";
import { emptyConfig, parseImageConfig, renderImageConfig } from "../../src/image/config.ts";
import { parseReference, type Reference, renderReference, splitReferenceKey, tryParseReference } from "../../src/image/reference.ts";

/** True when it works or is refused as it should be; anything else is thrown. */
function survives(work: () => unknown): boolean {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TsnsError) || error.kind !== "invalid") throw error;
  }
  return true;
}

const component = fc.stringMatching(/^[a-z0-9]+(?:(?:[._]|__|-{1,3})[a-z0-9]+){0,2}$/).filter((text) => text.length < 40);
const domain = fc.constantFrom("", "docker.io/", "index.docker.io/", "localhost/", "reg.example:5000/", "[::1]:80/", "Host/");
const tag = fc.stringMatching(/^(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?$/);
const digest = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `@sha256:${hex}`),
);
const written = fc
  .tuple(domain, fc.array(component, { minLength: 1, maxLength: 3 }), tag, digest)
  // without a host, a dot in the first of several parts would make it one
  .filter(([host, path]) => host !== "" || path.length === 1 || !path[0]?.includes("."))
  .map(([host, path, version, hash]) => `${host}${path.join("/")}${version}${hash}`)
  .filter((text) => !/^[0-9a-f]{64}$/.test(text));

t.test("names and their short form", async (t) => {
  fc.assert(
    fc.property(written, (text) => {
      const reference = parseReference(text);
      const short = renderReference(reference);
      const again = parseReference(short);
      t.equal(renderReference(again), short);
      t.same([again.domain, again.path, again.digest], [reference.domain, reference.path, reference.digest]);
      const key = splitReferenceKey(short);
      t.equal(key.digest === "" ? `${key.repository}:${key.tag}` : `${key.repository}@${key.digest}`, short);
    }),
  );
});

t.test("any text", async () => {
  const noise = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.stringMatching(/^[a-zA-Z0-9:@/._[\]-]{0,40}$/));
  fc.assert(
    fc.property(noise, (text) => {
      const reference = tryParseReference(text);
      let parsed: Reference | undefined;
      const isFine = survives(() => {
        parsed = parseReference(text);
      });
      return isFine && JSON.stringify(parsed) === JSON.stringify(reference);
    }),
    { numRuns: 200 },
  );
});

t.test("foreign JSON", async () => {
  const parsers = [
    parseImageConfig,
    parseDockerManifest,
    (text: string) => parseIndex(text, "x"),
    (text: string) => parseManifest(text, "x"),
  ];
  const keys = [
    "config",
    "Env",
    "Cmd",
    "Labels",
    "rootfs",
    "diff_ids",
    "Config",
    "Layers",
    "RepoTags",
    "manifests",
    "digest",
    "layers",
    "created",
    "history",
    "__proto__",
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, 1, "x", true, "2020-01-01T00:00:00Z", `sha256:${"a".repeat(64)}`),
      tie("array"),
      tie("object"),
    ),
    array: fc.array(tie("tree"), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 5 }),
  }));
  for (const parse of parsers) {
    fc.assert(
      fc.property(tree, (value) => survives(() => parse(JSON.stringify(value)))),
      { numRuns: 300 },
    );
    fc.assert(fc.property(fc.string(), (text) => survives(() => parse(text))));
  }
  fc.assert(
    fc.property(tree, (value) =>
      survives(() => {
        const image = parseImageConfig(JSON.stringify(value));
        parseImageConfig(renderImageConfig(image));
      }),
    ),
  );
});

t.test("changes and apt sources", async () => {
  const instruction = fc
    .tuple(fc.constantFrom("CMD", "ENV", "LABEL", "EXPOSE", "VOLUME", "WORKDIR", "USER"), fc.string())
    .map(([word, rest]) => `${word} ${rest}`);
  fc.assert(
    fc.property(fc.oneof(instruction, fc.string()), (text) => survives(() => applyChanges(emptyConfig, [text]))),
    { numRuns: 500 },
  );
  const line = fc.constantFrom(
    "deb",
    "Types: deb",
    "URIs: x",
    "Suites: y z",
    "[a=b",
    "]",
    " ",
    "\n",
    "#",
    "Signed-By: /k",
    "Enabled: no",
    "u s c",
  );
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join("\n")),
      (text) => {
        parseSourcesList(text);
        parseDeb822(text);
      },
    ),
  );
});
