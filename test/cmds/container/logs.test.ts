// What `logs` makes of its options.
import t from "tap";
import { parseTail } from "../../../cmds/container/logs.ts";

t.test("--tail", async (t) => {
  t.same(parseTail("all"), {});
  t.same(parseTail("-1"), {});
  t.same(parseTail("0"), { tail: 0 });
  t.same(parseTail("12"), { tail: 12 });
  for (const text of ["", "x", "1.5", "-2", "1e3"]) t.throws(() => parseTail(text), { code: "bad-tail" }, text);
});
