// Signals by name and number.
import { constants } from "node:os";
import t from "tap";
import { parseSignal } from "../../src/container/signal.ts";

t.test("every signal this system names", async (t) => {
  for (const [name, number] of Object.entries(constants.signals)) {
    if (name === "SIGUNUSED") continue;
    t.equal(parseSignal(name), number, name);
    t.equal(parseSignal(name.slice(3).toLowerCase()), number, name);
  }
});

t.test("numbers and real-time signals", async (t) => {
  for (const [text, number] of [
    ["1", 1],
    ["09", 9],
    ["64", 64],
    ["RTMIN", 34],
    ["SIGRTMIN+3", 37],
    ["rtmax-14", 50],
    ["RTMAX", 64],
    ["CLD", 17],
  ] as const)
    t.equal(parseSignal(text), number, text);
});

t.test("no signals", async (t) => {
  for (const text of ["", "0", "65", "-9", "9.5", "SIG", "FOO", "RTMIN-1", "RTMAX+1", "RTMIN+31", "constructor", "SIGSIGTERM"])
    t.throws(() => parseSignal(text), { kind: "invalid", code: "unknown-signal" }, text);
});
