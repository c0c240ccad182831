import t from "tap";
import { lastOf } from "../../../tui/model/memo.ts";

t.test("lastOf", async (t) => {
  let made = 0;
  const make = lastOf((one: object, two: number) => ({ one, two, number: ++made }));
  const one = {};
  const first = make(one, 1);
  t.equal(make(one, 1), first, "the same is not made again");
  t.not(make({}, 1), first);
  t.not(make(one, 1), first, "only the last one is kept");
  t.equal(make(one, Number.NaN), make(one, Number.NaN));
  t.equal(made, 4);
});
