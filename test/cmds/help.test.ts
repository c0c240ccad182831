import t from "tap";
import { defineCommand } from "../../cmds/command.ts";
import { renderCommandHelp, renderGroupHelp } from "../../cmds/help.ts";
import type { AnyCommand } from "../../cmds/tree.ts";

const command: AnyCommand = defineCommand({
  path: "thing do",
  usage: "[OPTIONS] THING",
  summary: "Do a thing",
  options: {
    tty: { type: "boolean", short: "t", describe: "Allocate a terminal" },
    env: { type: "list", short: "e", describe: "Set variables" },
    memory: { type: "string", value: "bytes", describe: "Limit of memory, a rather long explanation that needs more than a line" },
    pull: { type: "string", default: "missing", describe: "When to pull" },
    "sig-proxy": { type: "boolean", default: true, describe: "Pass signals" },
    count: { type: "number", describe: "How many" },
    explain: { type: "string", bare: "text", describe: "Explain" },
    secret: { type: "boolean", hidden: true, describe: "Hidden" },
  },
  arity: [1, 1],
  run: () => 0,
});

t.test("docker's layout", async (t) => {
  t.equal(
    await renderCommandHelp(command, "do", 80),
    `Usage:  tsns do [OPTIONS] THING

Do a thing

Options:
      --count int                Many
  -e, --env list                 Set variables
      --explain string[="text"]  Explain
      --memory bytes             Limit of memory, a rather long explanation that
                                 needs more than a line
      --pull string              When to pull (default "missing")
      --sig-proxy                Pass signals (default true)
  -t, --tty                      Allocate a terminal
`.replace("Many", "How many"),
  );
});

t.test("it fits the terminal", async (t) => {
  for (const columns of [60, 80, 120]) {
    for (const line of (await renderCommandHelp(command, "do", columns)).split("\n")) t.ok(line.length <= columns, `${columns}: ${line}`);
    for (const line of (await renderGroupHelp("", columns)).split("\n")) t.ok(line.length <= columns, `${columns}: ${line}`);
  }
});

t.test("a command without options has no options", async (t) => {
  t.equal(await renderCommandHelp({ ...command, usage: "", options: {} }, "do", 80), "Usage:  tsns do\n\nDo a thing\n");
});

t.test("what comes with changes is shown too", async (t) => {
  t.match(await renderCommandHelp({ ...command, changes: true }, "do", 80), /--dry-run .*\n(.*\n)*.*--timings/);
});
