// `tsns completion SHELL`: prints the completion script.
import { TsnsError } from "../src/base/error.ts";
import { defineCommand } from "./command.ts";
import { completionScript, shells } from "./completion-script.ts";

export const command = defineCommand({
  path: "completion",
  usage: "bash|zsh|fish",
  summary: "Print a script that completes tsns commands in a shell",
  options: {},
  arity: [1, 1],
  run(context, { args: [name] }) {
    const shell = shells.find((known) => known === name);
    if (!shell)
      throw new TsnsError("invalid", "unknown-shell", `no completion for "${name}"`, { hint: `there is one for ${shells.join(", ")}` });
    context.stdout.write(completionScript(shell));
    return 0;
  },
});
