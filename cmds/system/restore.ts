// tsns system restore: brings containers back after a reboot.
import { restoreSystem } from "../../src/engine/system/restore.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "system restore",
  usage: "[OPTIONS]",
  summary: "Start the containers that are to run by their restart policy",
  options: {},
  arity: [0, 0],
  changes: true,
  async run(context) {
    const { started, failures } = await restoreSystem(context.engine());
    for (const name of started) context.stdout.write(`${name}\n`);
    for (const { name, error } of failures) {
      const hint = error.hint === undefined ? "" : ` (${error.hint})`;
      context.stderr.write(`tsns: container ${name} was not started: ${error.message}${hint}\n`);
    }
    return failures.length > 0 ? 1 : 0;
  },
});
