import t from "tap";
import { failedAssertions, parseTotals, skipLines, testFiles, totalsLine } from "./tap.mjs";

const stream = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: one
        not ok 1 - should be equal
          ---
          diff: |
            -2

            +1
          ...
        ok 2 - fine
        1..2
    not ok 1 - one # time=22.565ms
      ---
      at: here
      ...
    1..1
not ok 1 - test/a.test.ts # time=43.535ms
  ---
  exitCode: 1
  ...
# Subtest: test/b.test.ts
    ok 1 - fine
    ok 2 - needs more # SKIP needs root
    1..2
not ok 2 - test/b.test.ts
  ---
  exitCode: 7
  ...
1..2
# { total: 5, pass: 2, fail: 2, skip: 1 }
`;

t.test("totals are those of tap's summary line", async (t) => {
  t.same(parseTotals(stream), { passed: 2, failed: 2, skipped: 1 });
  t.same(parseTotals("# { total: 3, pass: 3 }"), { passed: 3, failed: 0, skipped: 0 });
  t.equal(parseTotals("TAP version 14\n1..0"), undefined, "a run that was cut short has none");
});

t.test("failures are told once, with where they are and their diagnostics", async (t) => {
  const lines = failedAssertions(stream).split("\n");
  t.same(
    lines.filter((line) => line.includes("not ok")).map((line) => line.trim()),
    ["not ok 1 - test/a.test.ts > one > should be equal", "not ok 2 - test/b.test.ts"],
    "the file that failed without a failed assertion is told as well",
  );
  t.ok(lines.includes("            +1"), "diagnostics go on after an empty line");
  t.ok(lines.includes("  exitCode: 7"));
  t.notOk(lines.includes("      at: here"));
});

t.test("unit tests are all but those in the folders apart", async (t) => {
  const unit = testFiles("unit");
  t.ok(unit.includes("test/entry/tap.test.ts"));
  t.same(
    unit.filter((path) => /^test\/(root|e2e|conformance|after|vm|native)\//.test(path)),
    [],
  );
  t.ok(testFiles("after").every((path) => path.startsWith("test/after/")));
});

t.test("each reason to skip is told once", async (t) => {
  t.equal(skipLines([]), "");
  t.equal(
    skipLines(["needs root", "no macvlan", "needs root", ""]),
    "2 skipped: needs root\n1 skipped: no macvlan\n1 skipped: no reason is given\n",
  );
});

t.test("the plain line", async (t) => {
  t.equal(totalsLine({ passed: 12, failed: 0, skipped: 0 }), "12 passed, 0 failed");
  t.equal(totalsLine({ passed: 12, failed: 1, skipped: 3 }), "12 passed, 1 failed, 3 skipped");
});
