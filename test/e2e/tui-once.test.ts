// `tsns tui --once`: the views as plain text, without a terminal.
import t from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";

const titles = ["Containers", "Images", "Networks", "Volumes", "Host", "Events"];

t.test("tsns tui --once", { ...needRoot, buffered: true }, async (t) => {
  const root = makeRoot(t);
  const empty = await root.tsns(["tui", "--once"]);
  t.match(empty, { code: 0, stderr: "" });
  const headings = empty.stdout.split("\n\n").map((part) => part.split("\n")[0]);
  t.same(headings, titles, "each view by its name");
  t.match(empty.stdout, /^Containers\nnone\n/);

  await root.ok(["volume", "create", "kept"]);
  await root.ok(["run", "-d", "--name", "steady", "--network", "none", "--memory", "64m", "host", "sleep", "1000"]);
  const one = await root.tsns(["tui", "--once", "--view", "containers"], { env: { COLUMNS: "300", NO_COLOR: "1", TERM: undefined } });
  t.match(one, { code: 0, stderr: "" });
  const [, heading = "", row = "", ...more] = one.stdout.split("\n");
  t.match(heading, /^NAME +STATE +.*CPU% +MEM\/LIMIT .* IMAGE .* COMMAND$/);
  t.match(row, /^steady +running .*\d+\.\d +\S+\/64M .* host .* sleep 1000$/, "rates are there, a row is a line");
  t.same(more, [""]);
  t.match(await root.ok(["tui", "--once", "--view", "volumes"]), /^Volumes\nNAME[^\n]*\nkept +local +\d/, "measured");

  await root.ok(["run", "-d", "--name", "plugged", "host", "sleep", "1000"]);
  const networks = await root.ok(["tui", "--once", "--view", "networks"], { env: { COLUMNS: "300" } });
  t.match(networks, /^bridge +bridge .* \d\S* +\d\S* +\d\S* +\d\S* /m, "rates of networks too");
  await root.ok(["rm", "-f", "plugged"]);

  t.match(await root.tsns(["tui", "--once", "--view", "nothing"]), {
    code: 1,
    stdout: "",
    stderr: /^tsns: no view is called nothing \(there are containers, .*\)\n$/,
  });
  t.match(await root.tsns(["tui", "--once", "--ascii"]), { code: 1, stderr: /^tsns: --ascii means nothing with --once.*\n$/ });
  const narrow = openTerminal(t, ["sh", "-c", `"$0" tui --once --view containers; read -r _`, command], { env: root.env(), columns: 60 });
  await narrow.see(/^steady[\s\S]*^ {4}.*COMMAND: sleep 1000/m);
});
