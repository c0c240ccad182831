// The file that `oci spec` writes, and where it writes none.
import { readFileSync } from "node:fs";
import t from "tap";
import { writeSpec } from "../../../src/engine/runtime/spec.ts";

t.test("into a bundle, once", async (t) => {
  const bundle = t.testdir();
  writeSpec(bundle, false);
  const text = readFileSync(`${bundle}/config.json`, "utf8");
  t.match(JSON.parse(text), { ociVersion: String, process: { args: ["sh"] }, root: { path: "rootfs" } });
  t.throws(() => writeSpec(bundle, true), { code: "config-exists", message: `file ${bundle}/config.json exists`, hint: /--bundle/ });
  t.equal(readFileSync(`${bundle}/config.json`, "utf8"), text, "it is as it was");
});

t.test("nowhere: says what names the place", async (t) => {
  const bundle = `${t.testdir()}/none`;
  t.throws(() => writeSpec(bundle, false), {
    name: "KernelError",
    errno: "ENOENT",
    target: `${bundle}/config.json`,
    hint: /^--bundle names/,
  });
});
