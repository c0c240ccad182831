// A search in the logs of the dashboard that leaves what is held, both ways.
import t from "tap";
import { image, makeBusyboxRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";

t.test("it ends on its line", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  const script = "seq 60000 | sed 's/.*/row & of many/'; exec sleep 1000";
  await root.ok(["run", "-d", "--name", "long", "--network", "none", image, "sh", "-c", script]);
  await untilLogged(root, "long", /row 60000 of many/);
  const env = root.env({ env: { TERM: "screen-256color" } });
  const terminal = openTerminal(t, [command, "tui"], { env, columns: 100, rows: 30 });
  await terminal.see(/row 60000 of many/);
  terminal.press("Tab");
  const search = (text: string) => {
    terminal.type(`/${text}`);
    terminal.press("Enter");
  };
  const chosen = async (pattern: RegExp) => {
    terminal.press("Enter");
    await terminal.see(pattern);
    terminal.press("Escape");
    await terminal.see(/^(?![\s\S]*A line)/);
  };
  terminal.press("Home");
  await terminal.see(/row 1 of many/);
  search("row 40000 ");
  await terminal.see(/no match above/);
  terminal.press("n");
  await terminal.see(/row 40000 of many/);
  await chosen(/A line[\s\S]*row 40000 of many/);
  terminal.press("End");
  await terminal.see(/row 60000 of many/);
  search("row 100 ");
  await terminal.see(/row 100 of many/);
  await chosen(/A line[\s\S]*row 100 of many/);
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
  await root.ok(["rm", "-f", "long"]);
});
