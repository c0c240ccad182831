// Options that `create` and `run` share, and the request they make.
import { resolve } from "node:path";
import type { CreateRequest } from "../../src/engine/runtime/create.ts";
import type { ProcessSockets } from "../../src/runtime/plan/socket.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import type { Surroundings } from "../host.ts";

/** Where a process is told of and what it gets of the caller; `exec` has these too. */
export const attachOptions = {
  "console-socket": { type: "string", value: "file", describe: "Unix socket that gets the terminal's descriptor", completes: "file" },
  "pidfd-socket": { type: "string", value: "file", describe: "Unix socket that gets a pidfd of the process", completes: "file" },
  "pid-file": { type: "string", value: "file", describe: "File to write the process id to", completes: "file" },
  "preserve-fds": { type: "number", value: "count", describe: "So many descriptors after 2 and LISTEN_FDS go to the program", default: 0 },
} as const satisfies OptionTable;

export const createOptions = {
  ...attachOptions,
  bundle: { type: "string", short: "b", value: "dir", describe: "The bundle (default: the working directory)", completes: "directory" },
  "no-pivot": { type: "boolean", describe: "Move the root instead of pivoting, for hosts that run from a ram disk" },
  "no-new-keyring": { type: "boolean", describe: "Keep the caller's session keyring" },
} as const satisfies OptionTable;

/** A path of an option, absolute. */
export const pathOf = (context: Surroundings, path: string | undefined): string | undefined =>
  path === undefined || path === "" ? undefined : resolve(context.cwd, path);

export function socketsOf(context: Surroundings, options: ValuesOf<typeof attachOptions>): ProcessSockets {
  const console = pathOf(context, options["console-socket"]);
  const pidfd = pathOf(context, options["pidfd-socket"]);
  return { ...(console === undefined ? {} : { console }), ...(pidfd === undefined ? {} : { pidfd }) };
}

export function createRequest(context: Surroundings, options: ValuesOf<typeof createOptions>): CreateRequest {
  const pidFile = pathOf(context, options["pid-file"]);
  return {
    bundle: resolve(context.cwd, options.bundle ?? "."),
    sockets: socketsOf(context, options),
    ...(pidFile === undefined ? {} : { pidFile }),
    noPivot: options["no-pivot"] === true,
    noNewKeyring: options["no-new-keyring"] === true,
    preserve: options["preserve-fds"] ?? 0,
    env: context.env,
  };
}
