// The lines of the native probes, whatever they hold.
import fc from "fast-check";
import t from "tap";
import { parseAnswers } from "../../../src/kernel/check/native.ts";

t.test("a line for each word", async (t) => {
  const answers = parseAnswers("pidfd\tOK\tpidfd_open\noverlay\tEPERM\tmount(overlay)\n\nhalf\tx\n");
  t.strictSame(
    [...answers],
    [
      ["pidfd", { verdict: "OK", detail: "pidfd_open" }],
      ["overlay", { verdict: "EPERM", detail: "mount(overlay)" }],
    ],
  );
});

t.test("anything else is no answer", async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      [...parseAnswers(text).values()].every(({ verdict }) => /^(OK|E[A-Z0-9]+)$/.test(verdict)),
    ),
  );
  t.pass();
});
