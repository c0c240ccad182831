// The options that stand between `oci` and the word, runc's, and the runtime they make. Every command's table has them: callers' words are
// brought into one order first (words.ts).
import { openRuntime, type Runtime } from "../../src/engine/runtime/runtime.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import type { Surroundings } from "../host.ts";
import { openLog } from "./log.ts";

export const globalOptions = {
  root: { type: "string", value: "dir", describe: "Directory of the state of containers (default /run/tsns-oci)", completes: "directory" },
  log: { type: "string", value: "file", describe: "File for errors, and for warnings instead of standard error", completes: "file" },
  "log-format": { type: "string", value: "format", describe: "Format of --log", choices: ["text", "json"], default: "text" },
  debug: { type: "boolean", describe: "Say what is done, and where an error came from" },
  "systemd-cgroup": { type: "boolean", describe: "Groups are made by systemd; `cgroupsPath` is slice:prefix:name" },
  "rootless-cgroup": {
    type: "string",
    value: "choice",
    describe: "What --rootless says before the word: do without groups that may not be made (true, false, auto)",
    choices: ["true", "false", "auto"],
    default: "auto",
    hidden: true,
  },
  criu: { type: "string", value: "file", describe: "Program for checkpoints, which are refused here", hidden: true },
} as const satisfies OptionTable;

type GlobalValues = ValuesOf<typeof globalOptions>;

/** The runtime of a command: its warnings go to --log, or to standard error where that cannot be: that of `create` and `run` is the container's. */
export function runtimeOf(context: Surroundings, values: GlobalValues): Runtime {
  const log = openLog(values.log, values["log-format"]);
  const tell = (level: "warning" | "debug", text: string) => {
    if (!log.add(level, text)) context.stderr.write(`${level.toUpperCase()}: ${text}\n`);
  };
  return openRuntime({
    root:
      values.root === undefined || values.root === "" ? undefined : process.getBuiltinModule("node:path").resolve(context.cwd, values.root),
    env: context.env,
    systemdCgroup: values["systemd-cgroup"] === true,
    rootless: (values["rootless-cgroup"] ?? "auto") as Runtime["rootless"],
    warn: (text) => tell("warning", text),
    ...(values.debug === true ? { debug: (text: string) => tell("debug", text) } : {}),
  });
}

/** The options as words, for a process that goes on without this one's environment. */
export function globalWords({ root }: Runtime, values: GlobalValues): readonly string[] {
  const { log, "log-format": format, debug } = values;
  return [
    `--root=${root}`,
    ...(log === undefined || log === "" ? [] : [`--log=${process.getBuiltinModule("node:path").resolve(log)}`]),
    ...(format === undefined ? [] : [`--log-format=${format}`]),
    ...(debug === true ? ["--debug"] : []),
  ];
}
