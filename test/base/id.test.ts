import t from "tap";
import { isName, newId, randomName, shortId } from "../../src/base/id.ts";

t.test("ids are 64 hex digits and differ", async (t) => {
  const ids = Array.from({ length: 200 }, newId);
  for (const id of ids) t.match(id, /^[0-9a-f]{64}$/);
  t.equal(new Set(ids).size, ids.length);
  t.equal(shortId(`sha256:${"a".repeat(64)}`), "aaaaaaaaaaaa");
  t.equal(shortId("0123456789abcdef"), "0123456789ab");
});

t.test("names follow docker's rule", async (t) => {
  for (const name of ["web", "a1", "a_b.c-d", "0x"]) t.ok(isName(name), name);
  for (const name of ["", "a", "-a", "_a", "a b", "a/b", "a\n", "ä1"]) t.notOk(isName(name), JSON.stringify(name));
});

t.test("made names are names, with a digit after a clash", async (t) => {
  for (let i = 0; i < 50; i++) {
    t.match(randomName(), /^[a-z]+_[a-z]+$/);
    t.match(randomName(1), /^[a-z]+_[a-z]+\d$/);
    t.ok(isName(randomName(2)));
  }
});
