import t from "tap";
import { compilePattern, hasMatch, type LogPattern, matchesOf } from "../../../src/container/log/pattern.ts";
import { boundMatching } from "../../../src/engine/live/matching.ts";

boundMatching();

function pattern(text: string): LogPattern {
  const compiled = compilePattern(text);
  if (typeof compiled === "string") throw new Error(compiled);
  return compiled;
}

t.test("case counts when there are capital letters", async (t) => {
  t.ok(hasMatch(pattern("err"), "an ERROR"));
  t.notOk(hasMatch(pattern("Err"), "an ERROR"));
  t.ok(hasMatch(pattern("\\Sdone"), "UNDONE"), "those of escapes do not count");
});

t.test("all matches have their places", async (t) => {
  t.same(matchesOf(pattern("err"), "an ERR İ Err"), [
    [3, 6],
    [9, 12],
  ]);
  t.same(matchesOf(pattern("x*"), "axxb"), [[1, 3]], "empty ones are none");
});

t.test("what is no pattern says why", async (t) => {
  t.equal(compilePattern("("), "Unterminated group");
  t.equal(compilePattern("[a"), "Unterminated character class");
  t.match(compilePattern("a".repeat(501)), /at most 500/);
  t.equal(compilePattern(""), "write a regular expression");
});

t.test("what could take for ever is refused, or does not", async (t) => {
  for (const text of ["(a)\\1", "(?=a)b", "(a{1,50}){1,50}"]) t.match(compilePattern(text), /for ever/, text);
  // Backtracking alone would need 2^4000 steps.
  t.notOk(hasMatch(pattern("(a+)+$"), `${"a".repeat(4000)}!`));
  t.notOk(hasMatch(pattern("(x+x+)+y"), "x".repeat(4000)));
});

t.test("counts beyond what linear matching knows are written out", async (t) => {
  const hash = pattern("^[0-9a-f]{40}$");
  t.ok(hasMatch(hash, "a".repeat(40)));
  t.notOk(hasMatch(hash, "a".repeat(39)));
  t.notOk(hasMatch(hash, "a".repeat(41)));
  const range = pattern("^a{2,30}$");
  t.same(
    [1, 2, 30, 31].map((count) => hasMatch(range, "a".repeat(count))),
    [false, true, true, false],
  );
  const open = pattern("^a{20,}$");
  t.same(
    [19, 20, 99].map((count) => hasMatch(open, "a".repeat(count))),
    [false, true, true],
  );
  t.ok(hasMatch(pattern("[{]20}"), "{20}"), "a brace in a class is no count");
  t.ok(hasMatch(pattern("\\{20\\}"), "{20}"));
});
