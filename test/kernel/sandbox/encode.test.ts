// Operation lists as the bytes the native helper reads.
import t from "tap";
import { encodeOperations, flattenOperations } from "../../../src/kernel/sandbox/encode.ts";

t.test("words", async (t) => {
  t.equal(encodeOperations([]), "");
  t.equal(encodeOperations([["barrier"], ["exec", "sh", "", "a b\n"]]), "1\0barrier\x004\0exec\0sh\0\0a b\n\0");
  t.throws(() => encodeOperations([["env", "A=\0B"]]), { name: "RangeError", message: /env/ });
});

t.test("the monitor's part first", async (t) => {
  t.same(
    flattenOperations({
      monitor: [
        ["stdio", "null"],
        ["clone", "0"],
      ],
      init: [["exec", "x"]],
    }),
    [
      ["stdio", "null"],
      ["clone", "0"],
      ["exec", "x"],
    ],
  );
});
