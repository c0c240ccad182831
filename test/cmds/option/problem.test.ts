// Everything that is wrong, at once.
import t from "tap";
import { Problems } from "../../../cmds/option/problem.ts";
import { TsnsError } from "../../../src/base/error.ts";

t.test("none, one, several", async (t) => {
  const problems = new Problems();
  problems.throwIfAny();
  t.equal(
    problems.collect(() => 1, 2),
    1,
  );
  const first = new TsnsError("unsupported", "own", "first", { hint: "do this", exitCode: 7 });
  t.equal(
    problems.collect((): number => {
      throw first;
    }, 2),
    2,
  );
  t.throws(() => problems.throwIfAny(), first, "a single one is thrown as it is");
  problems.add("second");
  t.throws(() => problems.throwIfAny(), { kind: "invalid", exitCode: 125, message: "first (do this)\nsecond" });
});

t.test("a defect is not collected", async (t) => {
  t.throws(
    () =>
      new Problems().collect(() => {
        throw new RangeError("defect");
      }, 0),
    { name: "RangeError" },
  );
});
