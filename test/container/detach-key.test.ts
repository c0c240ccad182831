// Detach keys to the bytes a terminal sends.
import t from "tap";
import { parseDetachKeys } from "../../src/container/detach-key.ts";

t.test("keys", async (t) => {
  for (const [text, hex] of [
    ["ctrl-p,ctrl-q", "1011"],
    ["a", "61"],
    ["a,ctrl-a,Z", "61015a"],
    ["ctrl-@,ctrl-[", "001b"],
    ["ctrl-\\,ctrl-],ctrl-^,ctrl-_", "1c1d1e1f"],
    ["CTRL-P", "10"],
    ["", ""],
  ] as const)
    t.equal(parseDetachKeys(text), hex, text);
});

t.test("no keys", async (t) => {
  for (const text of ["ab", "ctrl-", "ctrl-1", "ctrl-pp", "a,,b", "a,", "é", "ctrl-é"])
    t.throws(() => parseDetachKeys(text), { code: "bad-detach-keys", exitCode: 1 }, text);
});
