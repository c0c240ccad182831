// tsns oci exec: another process in a container.

import { execRuntime } from "../../src/engine/runtime/exec.ts";
import type { ProcessChange } from "../../src/engine/runtime/exec-process.ts";
import { defineCommand, type ValuesOf } from "../command.ts";
import { usageError } from "../usage-error.ts";
import { attachOptions, pathOf, socketsOf } from "./create-option.ts";
import { execFailedExitCode } from "./exit-code.ts";
import { globalOptions, globalWords, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

const processOptions = {
  cwd: { type: "string", value: "dir", describe: "Working directory in the container" },
  env: { type: "list", short: "e", value: "KEY=VALUE", describe: "Set an environment variable" },
  tty: { type: "boolean", short: "t", describe: "Give it a terminal of its own" },
  user: { type: "string", short: "u", value: "UID[:GID]", describe: "User and group, in numbers" },
  "additional-gids": { type: "list", short: "g", value: "gid", describe: "Further group" },
  apparmor: { type: "string", value: "profile", describe: "AppArmor profile" },
  "no-new-privs": { type: "boolean", describe: "It and its children gain no privileges by exec" },
  cap: { type: "list", short: "c", value: "CAP_NAME", describe: "Further capability" },
  "process-label": { type: "string", value: "label", describe: "SELinux label, which is refused: labels are not supported" },
} as const;

export const command = defineCommand({
  path: "oci exec",
  usage: "[OPTIONS] CONTAINER-ID COMMAND [ARG...]",
  summary: "Run another process in a container",
  options: {
    ...globalOptions,
    ...attachOptions,
    ...processOptions,
    process: {
      type: "string",
      short: "p",
      value: "file",
      describe: "The process as JSON, instead of COMMAND and its options",
      completes: "file",
    },
    detach: { type: "boolean", short: "d", describe: "Return when it runs" },
    cgroup: { type: "list", value: "[CONTROLLER:]PATH", describe: "Run it in a group below the container's" },
    "ignore-paused": { type: "boolean", describe: "Also in a paused container; it runs when that is resumed" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  failureExitCode: execFailedExitCode,
  async run(context, { options, args: [id = "", ...words] }) {
    const processFile = pathOf(context, options.process);
    if (processFile === undefined && words.length === 0) throw usageError("oci exec", ["process args cannot be empty"], execFailedExitCode);
    if (options["process-label"])
      throw usageError("oci exec", ["--process-label: labels of SELinux are not supported"], execFailedExitCode);
    const pidFile = pathOf(context, options["pid-file"]);
    const runtime = runtimeOf(context, options);
    const request = {
      ...(processFile === undefined ? {} : { processFile }),
      sockets: socketsOf(context, options),
      ...(pidFile === undefined ? {} : { pidFile }),
      change: changeOf(options, words),
      detach: options.detach === true,
      preserve: options["preserve-fds"] ?? 0,
      env: context.env,
      groups: options.cgroup ?? [],
      ignorePaused: options["ignore-paused"] === true,
    };
    return await execRuntime(runtime, id, request, globalWords(runtime, options));
  },
});

function changeOf(options: ValuesOf<typeof processOptions>, args: readonly string[]): ProcessChange {
  const { cwd, user, apparmor } = options;
  return {
    args,
    ...(cwd ? { cwd } : {}),
    ...(user ? { user } : {}),
    ...(apparmor ? { apparmor } : {}),
    env: options.env ?? [],
    terminal: options.tty === true,
    additionalGids: options["additional-gids"] ?? [],
    capabilities: options.cap ?? [],
    noNewPrivileges: options["no-new-privs"] === true,
  };
}
