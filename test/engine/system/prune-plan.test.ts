// A plan in a file: read back as it was, refused for another data root, and never a way out of blobs, layers and tmp.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../../src/base/error.ts";
import { type PrunePlan, parsePrunePlan, renderPrunePlan } from "../../../src/engine/system/prune-plan.ts";

const plan: PrunePlan = {
  version: 1,
  root: "/r",
  created: "2026-01-01T00:00:00.000Z",
  containers: [{ id: "a".repeat(64), name: "one", bytes: 5 }],
  networks: ["n"],
  images: [{ id: `sha256:${"b".repeat(64)}`, names: ["x:1"] }],
  files: [{ path: `blobs/sha256/${"b".repeat(64)}`, bytes: 4096 }],
  reclaimedBytes: 7,
};

t.test("there and back", async (t) => {
  t.same(parsePrunePlan(renderPrunePlan(plan), "p", "/r"), plan);
  t.throws(() => parsePrunePlan(renderPrunePlan(plan), "p", "/other"), {
    code: "bad-plan",
    message: /it is for the data root \/r, this is \/other/,
  });
});

t.test("what is no plan", async (t) => {
  const wrong: readonly (readonly [string, object])[] = [
    ["version", { ...plan, version: 2 }],
    ["files", { ...plan, files: [{ path: "../etc", bytes: 1 }] }],
    ["files", { ...plan, files: [{ path: "layers/..", bytes: 1 }] }],
    ["files", { ...plan, files: [{ path: "layers/a/b", bytes: 1 }] }],
    ["files", { ...plan, files: [{ path: "/etc/passwd", bytes: 1 }] }],
    ["files", { ...plan, files: [{ path: "store.db", bytes: 1 }] }],
    ["files", { ...plan, files: [{ path: "tmp/x", bytes: -1 }] }],
    ["files", { ...plan, files: {} }],
    ["images", { ...plan, images: [{ id: "sha256:x", names: [] }] }],
    ["images", { ...plan, images: [{ id: plan.images[0]?.id, names: [1] }] }],
    ["containers", { ...plan, containers: [{ id: "a", name: "x", bytes: 1 }] }],
    ["networks", { ...plan, networks: [""] }],
  ];
  for (const [key, value] of wrong) {
    t.throws(
      () => parsePrunePlan(JSON.stringify(value), "p", "/r"),
      { kind: "invalid", code: "bad-plan", message: new RegExp(`"${key}"`) },
      JSON.stringify(value),
    );
  }
  for (const text of ["", "[]", "null", "{", "junk"]) t.throws(() => parsePrunePlan(text, "p", "/r"), { code: "bad-plan" }, text);
});

t.test("any JSON", async () => {
  const keys = [
    "version",
    "root",
    "containers",
    "networks",
    "images",
    "files",
    "id",
    "name",
    "names",
    "path",
    "bytes",
    "reclaimedBytes",
    "__proto__",
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, 1, "/r", true, "tmp/../..", plan.files[0]?.path),
      tie("array"),
      tie("object"),
    ),
    array: fc.array(tie("tree"), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 6 }),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const mixed = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...plan, ...value } : value;
      try {
        const parsed = parsePrunePlan(JSON.stringify(mixed), "p", "/r");
        return parsed.files.every(({ path }) => /^(blobs\/sha256|layers|tmp)\/[^/]+$/.test(path) && !/\/\.\.?$/.test(path));
      } catch (error) {
        return error instanceof TsnsError && error.code === "bad-plan";
      }
    }),
    { numRuns: 500 },
  );
});
