// Lines of /etc/subuid and /etc/subgid.
import t from "tap";
import { findSubordinateIds } from "../../src/container/subordinate-id.ts";

t.test("the first range that can be used, by name or number", async (t) => {
  const text = "a:1:2\nb:5:0\nb:x:1\nb:1:2:3\nb:100000:65536\nb:1:1\n 1000:7:8 \n";
  t.same(findSubordinateIds(text, ["a"]), { first: 1, count: 2 });
  t.same(findSubordinateIds(text, ["b"]), { first: 100_000, count: 65_536 });
  t.same(findSubordinateIds(text, ["c", "1000"]), { first: 7, count: 8 });
  t.equal(findSubordinateIds(text, ["c"]), undefined);
  t.equal(findSubordinateIds("a:0:5\na:4294967290:10\na:4294967295:1\n", ["a"]), undefined, "root and what is beyond 32 bits");
  t.same(findSubordinateIds("a:4294967294:1", ["a"]), { first: 4_294_967_294, count: 1 });
});
