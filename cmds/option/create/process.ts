// Options on what runs in a container and how it is talked to: command, environment, user, terminal, stop signal; its names and labels.
import { TsnsError } from "../../../src/base/error.ts";
import { isName } from "../../../src/base/id.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import { parseSignal } from "../../../src/container/signal.ts";
import type { StandardStream } from "../../../src/container/spec/process.ts";
import type { Context, OptionTable, ValuesOf } from "../../command.ts";
import { readEnvFiles } from "../env-file.ts";
import { badOption, type CreatePart } from "./part.ts";

export const processOptions = {
  annotation: { type: "list", value: "map", describe: "Add an annotation to the container (passed through to the OCI runtime)" },
  attach: { type: "list", short: "a", describe: "Attach to STDIN, STDOUT or STDERR" },
  entrypoint: { type: "string", describe: "Overwrite the default ENTRYPOINT of the image" },
  env: { type: "list", short: "e", describe: "Set environment variables" },
  "env-file": { type: "list", describe: "Read in a file of environment variables", completes: "file" },
  hostname: { type: "string", short: "h", describe: "Container host name" },
  init: { type: "boolean", describe: "Run an init inside the container that forwards signals and reaps processes" },
  interactive: { type: "boolean", short: "i", describe: "Keep standard input open even if not attached" },
  label: { type: "list", short: "l", describe: "Set metadata on the container" },
  "label-file": { type: "list", describe: "Read in a line delimited file of labels", completes: "file" },
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
    problems.refuse(`invalid container name (${values.name}): only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, "give at least two of them");
  }
  if (values.hostname && !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62})$/.test(values.hostname))
    problems.add(`invalid hostname "${values.hostname}": at most 63 letters, digits, dots and dashes`);
  const streams = read(() => parseStreams(values.attach ?? []), []);
  if (streams.length > 0 && !attached) problems.add("conflicting options: cannot specify both --attach and --detach", "leave out one");
  return {
    env: [
      ...read(() => readEnvFiles(context.cwd, values["env-file"], (name) => context.env[name]), []),
      ...read(() => environment(context, values.env), []),
    ],
    labels: read(() => parseLabels([...readEnvFiles(context.cwd, values["label-file"]), ...(values.label ?? [])]), {}),
    ...(values.annotation ? { annotations: read(() => parseAnnotations(values.annotation ?? []), {}) } : {}),
    ...(streams.length > 0 ? { attachStreams: streams } : {}),
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

const standardStreams: readonly StandardStream[] = ["stdin", "stdout", "stderr"];

/** In the order of their descriptors, each once. */
function parseStreams(words: readonly string[]): readonly StandardStream[] {
  const wanted = new Set(words.map((word) => word.toLowerCase()));
  const wrong = words.find((word) => !/^std(in|out|err)$/i.test(word));
  if (wrong !== undefined)
    throw badOption(`invalid argument "${wrong}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`);
  return standardStreams.filter((stream) => wanted.has(stream));
}

function parseAnnotations(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf("=");
      if (text === "" || at === 0)
        throw badOption(`invalid annotation "${text}": the empty string is not permitted as an annotation key`, "write NAME=VALUE");
      return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
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
