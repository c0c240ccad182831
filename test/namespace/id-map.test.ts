import t from "tap";
import { innerId, outerId, parseIdMap, parseIdMapWords, renderIdMap } from "../../src/namespace/id-map.ts";

t.test("the kernel's text", async (t) => {
  const map = parseIdMap("         0     100000      65536\n     65536       1000          1\n");
  t.same(map, [
    { inner: 0, outer: 100_000, count: 65_536 },
    { inner: 65_536, outer: 1000, count: 1 },
  ]);
  t.same(parseIdMap("         0 4294967295          1\n"), [], "out of sight of the reader");
  t.equal(renderIdMap(map), "0 100000 65536\n65536 1000 1");
});

t.test("both directions", async (t) => {
  const map = parseIdMapWords(["0:100000:65536", "65536:1000"]);
  t.equal(outerId(map, 5), 100_005);
  t.equal(outerId(map, 65_536), 1000);
  t.equal(outerId(map, 65_537), undefined);
  t.equal(innerId(map, 165_535), 65_535);
  t.equal(innerId(map, 165_536), undefined);
  t.equal(innerId(map, 0), undefined);
});

t.test("what the kernel would refuse", async (t) => {
  for (const words of [["0"], ["0:1:0"], ["a:b:c"], ["0:0:5", "4:100:1"], ["0:0:5", "10:4:1"], ["0:4294967295:1"], ["-1:0:1"]]) {
    t.throws(() => parseIdMapWords(words), { kind: "invalid", code: "bad-id-map", exitCode: 2 }, words.join(" "));
  }
  const many = Array.from({ length: 341 }, (_, at) => `${at}:${at}:1`);
  t.throws(() => parseIdMapWords(many), { code: "bad-id-map" });
  t.equal(parseIdMapWords(many.slice(1)).length, 340);
});
