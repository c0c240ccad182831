// What a program's failure says.
import t from "tap";
import { runProgram } from "../../../src/kernel/tree/stream.ts";

async function failureOf(script: string, hint?: string): Promise<unknown> {
  try {
    for await (const _ of runProgram(["sh", "-c", script], hint === undefined ? {} : { hint }));
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

t.test("apt's first error is the cause, later ones follow from it", async (t) => {
  const script = "echo I: x >&2; echo E: Unable to locate package p >&2; echo E: mmdebstrap failed to run >&2; exit 25";
  t.match(await failureOf(script, "look"), {
    code: "program-failed",
    message: "sh failed (25): E: Unable to locate package p",
    hint: "look",
  });
});

t.test("without one the last line with an error, else the last line", async (t) => {
  t.match(await failureOf("echo error one >&2; echo error two >&2; echo end >&2; exit 1"), { message: "sh failed (1): error two" });
  t.match(await failureOf("echo begin >&2; echo end >&2; exit 1"), { message: "sh failed (1): end" });
  t.match(await failureOf("kill -9 $$"), { message: "sh failed (SIGKILL)" });
});
