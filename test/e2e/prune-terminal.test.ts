// A question on a terminal: its answer is all that is waited for.
import t from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
import { openTerminal } from "../fixture/terminal.ts";

t.test("a command that asks ends with the answer", async (t) => {
  const root = makeRoot(t);
  const terminal = openTerminal(t, [command, "image", "prune"], { env: root.env() });
  await terminal.see(/continue\? \[y\/N\]/);
  terminal.press("n", "Enter");
  t.equal(await terminal.exitCode(), 0);
  t.match(terminal.screen(), /Total reclaimed space: 0B/);
});

t.test("an end of input is an answer too", async (t) => {
  const root = makeRoot(t);
  const terminal = openTerminal(t, [command, "volume", "prune"], { env: root.env() });
  await terminal.see(/continue\? \[y\/N\]/);
  terminal.press("C-d");
  t.equal(await terminal.exitCode(), 0);
});
