// The dashboard on a real terminal: it shows a container, kills it, follows a resize, and gives the terminal back.
import t from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
import { openTerminal } from "../fixture/terminal.ts";

t.test("tsns tui", async (t) => {
  const root = makeRoot(t);
  const refused = await root.tsns(["tui"]);
  t.match(refused, { code: 1, stderr: /^tsns: the dashboard needs a terminal \(.*\)\n$/ });
  await root.ok(["run", "-d", "--name", "watched", "--network", "none", "host", "sleep", "1000"]);
  const terminal = openTerminal(t, [command, "tui"], {
    env: root.env({ env: { TERM: "screen-256color", LANG: "C.UTF-8" } }),
    columns: 100,
    rows: 30,
  });
  await terminal.see(/ watched .*running/);
  terminal.resize(80, 24);
  await terminal.see(/NAME +STATE[^\n]*\n[^\n]*watched/);
  terminal.press("K");
  await terminal.see(/Which signal for watched\?[\s\S]*tsns kill watched/);
  terminal.press("Enter");
  await terminal.see(/watched .*exited 137/);
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
});
