import t from "tap";
import { parseContentRange, parseRange } from "../../../src/api/registry/range.ts";

t.test("ranges of a download", async (t) => {
  const cases: readonly (readonly [string | undefined, number, ReturnType<typeof parseRange>])[] = [
    [undefined, 10, undefined],
    ["bytes=0-0", 10, { start: 0, end: 0 }],
    ["bytes=2-5", 10, { start: 2, end: 5 }],
    ["bytes=2-", 10, { start: 2, end: 9 }],
    ["bytes=2-100", 10, { start: 2, end: 9 }],
    ["bytes=-3", 10, { start: 7, end: 9 }],
    ["bytes=-30", 10, { start: 0, end: 9 }],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=-1", 0, "unsatisfiable"],
    ["bytes=5-2", 10, undefined],
    ["bytes=-", 10, undefined],
    ["bytes=0-1,3-4", 10, undefined],
    ["lines=0-1", 10, undefined],
  ];
  for (const [header, size, expected] of cases) t.same(parseRange(header, size), expected, `${header} of ${size}`);
});

t.test("ranges of a chunk", async (t) => {
  t.same(parseContentRange("0-99"), { start: 0, end: 99 });
  t.same(parseContentRange("bytes 5-9/10"), { start: 5, end: 9 });
  t.same(parseContentRange("bytes=5-9"), { start: 5, end: 9 });
  for (const wrong of ["", "5", "9-5", "a-b", "0-99999999999999999999", "-5", "bytes */10"]) {
    t.equal(parseContentRange(wrong), undefined, wrong);
  }
});
