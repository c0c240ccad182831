import t from "tap";
import { lastOf, ofEach } from "../../../tui/model/memo.ts";

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

t.test("an answer is kept with its object", async (t) => {
  let made = 0;
  const doubled = ofEach(({ value }: { value: number }) => {
    made++;
    return value * 2;
  });
  const [one, other] = [{ value: 1 }, { value: 2 }];
  t.same([doubled(one), doubled(other), doubled(one)], [2, 4, 2]);
  t.equal(made, 2);
});
