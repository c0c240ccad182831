// tsns exec: another command in a running container.
import { execContainer } from "../../src/engine/container/exec.ts";
import { defineCommand } from "../command.ts";
import { environment } from "../option/create/process.ts";
import { readEnvFiles } from "../option/env-file.ts";
import { withoutRunCode } from "../option/run-code.ts";
import { requireTerminal } from "../option/terminal.ts";

export const command = defineCommand({
  path: "container exec",
  usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
  summary: "Execute a command in a running container",
  options: {
    detach: { type: "boolean", short: "d", describe: "Detached mode: run command in the background" },
    "detach-keys": { type: "string", describe: "Override the key sequence for detaching a container" },
    env: { type: "list", short: "e", describe: "Set environment variables" },
    "env-file": { type: "list", describe: "Read in a file of environment variables", completes: "file" },
    interactive: { type: "boolean", short: "i", describe: "Keep standard input open even if not attached" },
    privileged: { type: "boolean", describe: "Give extended privileges to the command" },
    tty: { type: "boolean", short: "t", describe: "Allocate a pseudo-terminal" },
    user: { type: "string", short: "u", describe: "User name or UID (format: <name|uid>[:<group|gid>])" },
    workdir: { type: "string", short: "w", describe: "Working directory inside the container" },
  },
  arity: [2, Number.POSITIVE_INFINITY],
  interspersed: false,
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const [name = "", ...command] = args;
    const detach = options.detach ?? false;
    const tty = options.tty ?? false;
    const stdin = options.interactive ?? false;
    if (tty && stdin && !detach) requireTerminal(context);
    const exec = execContainer(context.engine(), name, {
      command,
      env: [...readEnvFiles(context.cwd, options["env-file"], (name) => context.env[name]), ...environment(context, options.env)],
      tty,
      stdin,
      detach,
      privileged: options.privileged ?? false,
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.workdir === undefined ? {} : { workingDirectory: options.workdir }),
      ...(options["detach-keys"] === undefined ? {} : { detachKeys: options["detach-keys"] }),
    });
    // docker: what keeps it from running is 1 where nobody waits for its own code
    await exec.catch((error) => Promise.reject(detach ? withoutRunCode(error) : error));
    return 0;
  },
});
