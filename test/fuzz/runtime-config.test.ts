// config.json, process.json and resources of any content: a value, or an error of tsns's in one line; never another exception.
import fc from "fast-check";
import t from "tap";
import { compileSeccomp } from "../../src/container/seccomp/compile.ts";
import { parseRuntimeConfig, parseRuntimeProcess, parseRuntimeResources } from "../../src/runtime/config/parse.ts";
import { engineDocument, refusal } from "../fixture/oci-config.ts";

const parsers = [(text: string) => parseRuntimeConfig(text, "/bundle"), parseRuntimeProcess, parseRuntimeResources];

t.test("any text, any JSON", async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const parse of parsers) refusal(() => parse(text));
    }),
  );
});

/** Every place of a document, as the way there. */
function placesOf(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, each]) => placesOf(each, [...way, key]))];
}

/** The document with something else at one place. */
function changed(value: unknown, [key, ...rest]: readonly (string | number)[], other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((each, at) => (`${at}` === `${key}` ? changed(each, rest, other) : each));
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, each]) => [name, name === key ? changed(each, rest, other) : each]));
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    "",
    "\0",
    "/",
    "..",
    "-1",
    "a\nb",
    "SCMP_ACT_NOTIFY",
    "user",
    -1,
    0.5,
    2 ** 53,
    2 ** 64,
    1e300,
    true,
    null,
    [],
    {},
    [null],
    [[]],
    [{}],
  ),
  fc.record({ __proto__: fc.constant(null), path: fc.string(), type: fc.string(), major: fc.integer(), names: fc.array(fc.string()) }),
);

for (const [name, parse] of [
  ["podman-limits", parsers[0]],
  ["docker-limits", parsers[0]],
  ["containerd", parsers[0]],
  ["docker-exec", parsers[1]],
  ["docker-update", parsers[2]],
] as const) {
  t.test(`${name}, with something else at any place`, async (t) => {
    const document: unknown = JSON.parse(engineDocument(name));
    const places = placesOf(document);
    let taken = 0;
    fc.assert(
      fc.property(fc.nat(places.length - 1), odd, (at, other) => {
        const text = JSON.stringify(changed(document, places[at] ?? [], other)) ?? "";
        const message = refusal(() => parse?.(text));
        if (message === "") taken++;
        else if (!/: /.test(message)) throw new Error(`says nothing: ${message}`);
      }),
      { numRuns: 300 },
    );
    t.ok(taken > 0, "some are taken");
  });
}

t.test("what is taken compiles", async (t) => {
  const document: unknown = JSON.parse(engineDocument("containerd"));
  const places = placesOf(document).filter((way) => way[1] === "seccomp");
  let compiled = 0;
  fc.assert(
    fc.property(fc.nat(places.length - 1), odd, (at, other) => {
      const text = JSON.stringify(changed(document, places[at] ?? [], other)) ?? "";
      refusal(() => {
        const { seccomp } = parseRuntimeConfig(text, "/bundle").config.linux;
        if (seccomp) compileSeccomp(seccomp.profile, { host: "amd64", kernel: [6, 18], capabilities: [] });
        compiled++;
      });
    }),
    { numRuns: 200 },
  );
  t.ok(compiled > 0);
});
