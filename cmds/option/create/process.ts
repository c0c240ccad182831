// Options on what runs in a container and how it is talked to: command, environment, user, terminal, stop signal; its names and labels.
import { TsnsError } from "../../../src/base/error.ts";
import { isName } from "../../../src/base/id.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import { parseSignal } from "../../../src/container/signal.ts";
import type { Context, OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const processOptions = {
  entrypoint: { type: "string", describe: "Overwrite the default ENTRYPOINT of the image" },
  env: { type: "list", short: "e", describe: "Set environment variables" },
  hostname: { type: "string", short: "h", describe: "Container host name" },
  init: { type: "boolean", describe: "Run an init inside the container that forwards signals and reaps processes" },
  interactive: { type: "boolean", short: "i", describe: "Keep standard input open even if not attached" },
  label: { type: "list", short: "l", describe: "Set metadata on the container" },
  name: { type: "string", describe: "Assign a name to the container" },
  "stop-signal": { type: "string", describe: "Signal to stop the container" },
  "stop-timeout": { type: "number", value: "int", describe: "Seconds to wait for the container to stop before it is killed" },
  tty: { type: "boolean", short: "t", describe: "Allocate a pseudo-terminal" },
  user: { type: "string", short: "u", describe: "User name or UID (format: <name|uid>[:<group|gid>])" },
  workdir: { type: "string", short: "w", describe: "Working directory inside the container" },
} as const satisfies OptionTable;

const defaultDetachKeys = "ctrl-p,ctrl-q";

export function parseProcess({ context, problems, attached, detachKeys, read }: CreatePart, values: ValuesOf<typeof processOptions>) {
  if (values["stop-signal"]) read(() => void parseSignal(values["stop-signal"] ?? ""), undefined);
  if (values.name && !isName(values.name)) {
    problems.add(`invalid container name (${values.name}): only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, "give at least two of them");
  }
  if (values.hostname && !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62})$/.test(values.hostname))
    problems.add(`invalid hostname "${values.hostname}": at most 63 letters, digits, dots and dashes`);
  return {
    env: read(() => environment(context, values.env), []),
    labels: read(() => parseLabels(values.label), {}),
    tty: values.tty ?? false,
    openStdin: values.interactive ?? false,
    attached,
    init: values.init ?? false,
    detachKeys: detachKeys ?? defaultDetachKeys,
    ...(values.name ? { name: values.name } : {}),
    ...(values.entrypoint === undefined ? {} : { entrypoint: values.entrypoint }),
    ...(values.workdir === undefined ? {} : { workingDirectory: values.workdir }),
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.hostname ? { hostname: values.hostname } : {}),
    ...(values["stop-signal"] ? { stopSignal: values["stop-signal"] } : {}),
    ...(values["stop-timeout"] === undefined ? {} : { stopTimeoutSeconds: values["stop-timeout"] }),
  } satisfies Partial<CreateRequest>;
}

/** `-e NAME` takes the value of this process; the bare name of a variable it has not takes the image's away, as docker does. */
export function environment(context: Pick<Context, "env">, entries: readonly string[] | undefined): string[] {
  return (entries ?? []).flatMap((entry) => {
    if (entry === "" || entry.startsWith("=")) {
      throw new TsnsError("invalid", "bad-option", `invalid environment variable: "${entry}"`, { hint: "write NAME=VALUE", exitCode: 125 });
    }
    if (entry.includes("=")) return [entry];
    const value = context.env[entry];
    return value === undefined ? [entry] : [`${entry}=${value}`];
  });
}

function parseLabels(labels: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries(
    (labels ?? []).map((label) => {
      const at = label.indexOf("=");
      if (label === "" || at === 0) throw badOption(`invalid label "${label}": it has no name`, "write NAME=VALUE");
      return at < 0 ? [label, ""] : [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}
