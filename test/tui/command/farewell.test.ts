import { execFileSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { nothingLeft, renderFarewell } from "../../../tui/command/farewell.ts";

t.test("a line for each kind", async (t) => {
  t.equal(renderFarewell(nothingLeft), "");
  t.equal(
    renderFarewell({
      running: [["stop", "web"]],
      hungUp: [["exec", "-it", "web", "sh"]],
      waiting: [
        ["network", "connect", "front", "a b"],
        ["rm", "evil\x1b[2J\n"],
      ],
    }),
    "tsns: 1 command goes on: tsns stop web\n" +
      "tsns: 1 command was hung up: tsns exec -it web sh\n" +
      "tsns: 2 commands were not started: tsns network connect front 'a b'; tsns rm 'evil\\x1b[2J\\n'\n",
  );
});

t.test("hundreds are one line", async (t) => {
  const waiting = Array.from({ length: 490 }, (_, at) => ["network", "connect", "front", `c${at}`]);
  const text = renderFarewell({ ...nothingLeft, waiting });
  t.match(text, /^tsns: 490 commands were not started: tsns network connect front c0; .* front c7; and 482 more\n$/);
  t.equal(text.split("\n").length, 2);
});

t.test("said once, however it ends", async (t) => {
  const source = join(import.meta.dirname, "../../../tui/command/farewell.ts");
  const ended = (end: string) =>
    execFileSync(
      "sh",
      [
        "-c",
        '"$0" --input-type=module -e "$1" 2>&1; true',
        process.execPath,
        `
      const { openFarewell } = await import(${JSON.stringify(source)});
      const farewell = openFarewell();
      farewell.left = () => ({ running: [["pull", "bb"]], hungUp: [], waiting: [] });
      ${end}`,
      ],
      { encoding: "utf8" },
    );
  const said = "tsns: 1 command goes on: tsns pull bb\n";
  t.equal(ended("farewell[Symbol.dispose]();"), said);
  t.equal(ended("process.exit(3);"), said);
  const crashed = ended("throw new Error('oh');");
  t.match(crashed, /Error: oh/);
  t.equal(crashed.split(said).length, 2);
});
