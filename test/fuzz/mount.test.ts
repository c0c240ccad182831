// Parsers of mountinfo, overlay options, maps and attribute lists against any bytes, and recorded tables with damage.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { parseXattrs } from "../../src/kernel/layer/xattr.ts";
import { parseMappedPaths } from "../../src/kernel/mount/user.ts";
import { parseOverlay } from "../../src/layer/overlay.ts";
import { parsePropagation } from "../../src/mount/propagation.ts";
import { parseMountInfo } from "../../src/mount/state.ts";
import { openMountTable } from "../../src/mount/table.ts";
import { overlayData } from "../../src/plan/overlay.ts";

const fixtures = new URL("../mount/fixture/", import.meta.url);
const recorded = readdirSync(fixtures).map((name) => readFileSync(new URL(name, fixtures), "utf8"));

function digest(text: string): boolean {
  const mounts = parseMountInfo(text);
  const table = openMountTable(mounts);
  for (const mount of mounts) {
    parseOverlay(mount.superOptions);
    parsePropagation(mount.propagation);
    table.mountOf(mount.target);
  }
  return table.walk().length <= mounts.length;
}

t.test("noise", async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      parseMappedPaths(text);
      parseXattrs(Buffer.from(text));
      return digest(text);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test("recorded tables with a piece cut out and another put in", async (t) => {
  const damage = fc.tuple(fc.constantFrom(...recorded), fc.nat(), fc.nat(80), fc.string({ unit: "binary", maxLength: 20 }));
  fc.assert(
    fc.property(damage, ([text, at, length, piece]) => {
      const start = at % text.length;
      return digest(text.slice(0, start) + piece + text.slice(start + length));
    }),
    { numRuns: 120 },
  );
  t.pass();
});

t.test("any list of directories comes back from overlay's options", async (t) => {
  const path = fc
    .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("a", "b", "/", ":", ",", "\\", " ", "=", "é") })
    .map((text) => `/${text}`);
  const print = (option: string) => option.replaceAll("\\", "\\134").replaceAll(",", "\\054").replaceAll(" ", "\\040");
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), (lower) => {
      const data = overlayData({ lower });
      return JSON.stringify(parseOverlay([print(data)]).lower) === JSON.stringify(lower);
    }),
  );
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), (lower) => {
      const options = lower.map((one) => print(`lowerdir+=${one}`));
      return JSON.stringify(parseOverlay(options).lower) === JSON.stringify(lower);
    }),
  );
  t.pass();
});

t.test("a path below a mount's target lies on it or on one above", async (t) => {
  for (const text of recorded) {
    const table = openMountTable(parseMountInfo(text));
    for (const { target } of table.mounts) t.ok(target.startsWith(table.mountOf(target)?.target ?? "?"), target);
  }
});
