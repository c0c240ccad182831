// Names of namespace sets: what they may be.
import t from "tap";
import { isSetName } from "../../src/namespace/set.ts";

t.test("names of sets", (t) => {
  for (const name of ["x", "web", "a1", "my.set-2_b", "n".repeat(64)]) t.ok(isSetName(name), name);
  for (const name of ["", "1", "4026531840", ".", "..", "-", "_", "a/b", "a b", "net:[1]", "n".repeat(65)]) t.notOk(isSetName(name), name);
  t.end();
});
