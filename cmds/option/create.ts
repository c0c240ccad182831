// Options of `run` and `create`, and what they ask of the engine. Collects every problem before it complains.
import { TsnsError } from "../../src/base/error.ts";
import { isName } from "../../src/base/id.ts";
import { parseCapability } from "../../src/container/capability.ts";
import type { CreateRequest } from "../../src/container/request.ts";
import { parseSignal } from "../../src/container/signal.ts";
import type { MountSpec, NamespaceMode, NetworkMode } from "../../src/container/spec.ts";
import { parsePort } from "../../src/network/port.ts";
import type { Context, OptionTable, ValuesOf } from "../command.ts";
import { contentTrustOption } from "./content-trust.ts";
import { parseTmpfs, parseVolume } from "./mount.ts";
import { wantedPlatform } from "./platform.ts";
import { Problems } from "./problem.ts";
import { parseResources, resourceOptions } from "./resource.ts";

export const createOptions = {
  "cap-add": { type: "list", describe: "Add Linux capabilities" },
  "cap-drop": { type: "list", describe: "Drop Linux capabilities" },
  cidfile: { type: "string", describe: "Write the container ID to the file", completes: "file" },
  "disable-content-trust": contentTrustOption,
  entrypoint: { type: "string", describe: "Overwrite the default ENTRYPOINT of the image" },
  env: { type: "list", short: "e", describe: "Set environment variables" },
  hostname: { type: "string", short: "h", describe: "Container host name" },
  init: { type: "boolean", describe: "Run an init inside the container that forwards signals and reaps processes" },
  interactive: { type: "boolean", short: "i", describe: "Keep standard input open even if not attached" },
  ipc: { type: "string", describe: "IPC namespace to use: private, host, container:NAME" },
  label: { type: "list", short: "l", describe: "Set metadata on the container" },
  "log-opt": { type: "list", describe: "Log options: max-size, max-file" },
  name: { type: "string", describe: "Assign a name to the container" },
  network: {
    type: "list",
    aliases: ["net"],
    value: "network",
    describe: "Connect the container to a network: bridge, host, none, a name of network ls, container:NAME",
    completes: "network",
  },
  pid: { type: "string", describe: "PID namespace to use: host, container:NAME" },
  platform: { type: "string", describe: "Take the image for this platform, such as linux/arm64" },
  privileged: { type: "boolean", describe: "Give extended privileges to the container" },
  publish: { type: "list", short: "p", describe: "Publish a container's ports to the host" },
  pull: { type: "string", describe: "Get the image before running: always, missing, never", choices: ["always", "missing", "never"] },
  quiet: { type: "boolean", short: "q", describe: "Do not show the progress of a pull" },
  "read-only": { type: "boolean", describe: "Mount the container's root file system read only" },
  rm: { type: "boolean", describe: "Remove the container when it exits" },
  "security-opt": { type: "list", describe: "Security options: no-new-privileges" },
  "stop-signal": { type: "string", describe: "Signal to stop the container" },
  "stop-timeout": { type: "number", value: "int", describe: "Seconds to wait for the container to stop before it is killed" },
  tmpfs: { type: "list", describe: "Mount a tmpfs directory" },
  tty: { type: "boolean", short: "t", describe: "Allocate a pseudo-terminal" },
  user: { type: "string", short: "u", describe: "User name or UID (format: <name|uid>[:<group|gid>])" },
  userns: { type: "string", describe: "User namespace: host, or private[:HOST-ID[:SIZE]] for ids of its own" },
  uts: { type: "string", describe: "UTS namespace to use: host" },
  volume: { type: "list", short: "v", describe: "Bind mount a directory or file" },
  workdir: { type: "string", short: "w", describe: "Working directory inside the container" },
  ...resourceOptions,
} as const satisfies OptionTable;

export type CreateValues = ValuesOf<typeof createOptions>;

const defaultDetachKeys = "ctrl-p,ctrl-q";

/** The request of a command line. Throws one TsnsError invalid that lists every problem. */
export function parseCreate(
  context: Context,
  values: CreateValues,
  args: readonly string[],
  attached: boolean,
  detachKeys?: string,
): CreateRequest {
  const problems = new Problems();
  const [image = "", ...command] = args;
  const read = <T>(body: () => T, fallback: T): T => problems.collect(body, fallback);
  const network = read(() => parseNetwork(values.network), { mode: "none" } satisfies NetworkMode as NetworkMode);
  const privileged = values.privileged ?? false;
  const platform = read(() => wantedPlatform(context, values.platform), undefined);
  for (const name of [...(values["cap-add"] ?? []), ...(values["cap-drop"] ?? [])]) read(() => void parseCapability(name), undefined);
  if (values["stop-signal"]) read(() => void parseSignal(values["stop-signal"] ?? ""), undefined);
  checkWords(problems, values, network);
  const request: CreateRequest = {
    image,
    ...(platform ? { platform } : {}),
    command,
    env: read(() => environment(context, values.env), []),
    labels: read(() => parseLabels(values.label), {}),
    tty: values.tty ?? false,
    openStdin: values.interactive ?? false,
    attached,
    autoRemove: values.rm ?? false,
    init: values.init ?? false,
    privileged,
    noNewPrivileges: read(() => parseSecurity(values["security-opt"]), false),
    readOnlyRoot: values["read-only"] ?? false,
    capAdd: values["cap-add"] ?? [],
    capDrop: values["cap-drop"] ?? [],
    mounts: parseMounts(problems, values, context.cwd),
    network,
    pid: read(() => parseNamespace("--pid", values.pid), { mode: "private" } as NamespaceMode),
    ipc: read(() => parseNamespace("--ipc", values.ipc), { mode: "private" } as NamespaceMode),
    uts: read(() => parseUts(values.uts), { mode: "private" } as NamespaceMode),
    ports: (values.publish ?? []).flatMap((text) => read(() => parsePort(text), [])),
    resources: parseResources(problems, values, privileged),
    detachKeys: detachKeys ?? defaultDetachKeys,
    log: read(() => parseLog(values["log-opt"]), defaultLog),
    ...optional(values, problems),
  };
  problems.throwIfAny();
  return request;
}

function parseMounts(problems: Problems, values: CreateValues, cwd: string): MountSpec[] {
  const mounts = [
    ...(values.volume ?? []).map((text) => () => parseVolume(text, cwd)),
    ...(values.tmpfs ?? []).map((text) => () => parseTmpfs(text)),
  ].flatMap((parse) => problems.collect(() => [parse()], []));
  const seen = new Set<string>();
  for (const { target } of mounts) {
    if (seen.has(target)) problems.add(`duplicate mount point: ${target}`, "give each path inside the container once");
    seen.add(target);
  }
  return mounts;
}

function optional(values: CreateValues, problems: Problems): Partial<CreateRequest> {
  const userNamespace = problems.collect(() => parseUserNamespace(values.userns), undefined);
  return {
    ...(values.name ? { name: values.name } : {}),
    ...(values.entrypoint === undefined ? {} : { entrypoint: values.entrypoint }),
    ...(values.workdir === undefined ? {} : { workingDirectory: values.workdir }),
    ...(values.user === undefined ? {} : { user: values.user }),
    ...(values.hostname ? { hostname: values.hostname } : {}),
    ...(values["stop-signal"] ? { stopSignal: values["stop-signal"] } : {}),
    ...(values["stop-timeout"] === undefined ? {} : { stopTimeoutSeconds: values["stop-timeout"] }),
    ...(userNamespace ? { userNamespace } : {}),
  };
}

function checkWords(problems: Problems, values: CreateValues, network: NetworkMode): void {
  if (values.name && !isName(values.name)) {
    problems.add(`invalid container name (${values.name}): only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, "give at least two of them");
  }
  if (values.hostname && !/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62})$/.test(values.hostname))
    problems.add(`invalid hostname "${values.hostname}": at most 63 letters, digits, dots and dashes`);
  if (values.publish?.length && network.mode !== "bridge")
    problems.add(`--publish goes with a bridge network, not with --network ${values.network?.at(-1)}`);
  if (values.hostname && (values.uts === "host" || network.mode === "container"))
    problems.add(
      "conflicting options: hostname and the namespace mode",
      "leave out --hostname: the container has the name of that namespace",
    );
  const shared = values.userns?.startsWith("private") ? sharedWithHost(values) : undefined;
  if (shared !== undefined)
    problems.add(
      `conflicting options: --userns private and ${shared}`,
      `leave out one: a user namespace of its own has no rights over the host's`,
    );
}

/** What the kernel lets nobody use who is root only in a user namespace of their own. */
function sharedWithHost(values: CreateValues): string | undefined {
  if (values.network?.at(-1) === "host") return "--network host";
  return values.pid === "host" ? "--pid host" : values.ipc === "host" ? "--ipc host" : undefined;
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
      if (label === "" || at === 0) throw bad(`invalid label "${label}": it has no name`, "write NAME=VALUE");
      return at < 0 ? [label, ""] : [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}

function bad(message: string, hint?: string): TsnsError {
  return new TsnsError("invalid", "bad-option", message, hint === undefined ? {} : { hint });
}

function parseNetwork(names: readonly string[] | undefined): NetworkMode {
  const [text, ...more] = [...new Set(names)];
  if (more.length > 0) throw bad(`--network: a container has one network, not ${text} and ${more.join(" and ")}`, "give --network once");
  if (text === undefined || text === "bridge" || text === "default") return { mode: "bridge", network: "bridge" };
  if (text === "none" || text === "host") return { mode: text };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  if (isName(text)) return { mode: "bridge", network: text };
  throw bad(`--network: invalid network "${text}"`, "use bridge, host, none or container:NAME");
}

function parseNamespace(option: string, text: string | undefined): NamespaceMode {
  if (text === undefined || text === "" || text === "private") return { mode: "private" };
  if (text === "host") return { mode: "host" };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  throw bad(`${option}: invalid mode "${text}"`, "use host or container:NAME");
}

function parseUts(text: string | undefined): NamespaceMode {
  if (text === undefined || text === "") return { mode: "private" };
  if (text === "host") return { mode: "host" };
  throw bad(`--uts: invalid mode "${text}"`, "use host");
}

const standardMapping = { uid: 100_000, gid: 100_000, size: 65_536 };

function parseUserNamespace(text: string | undefined): CreateRequest["userNamespace"] {
  if (text === undefined || text === "" || text === "host") return undefined;
  const match = /^private(?::(\d+)(?::(\d+))?)?$/.exec(text);
  if (!match) throw bad(`--userns: invalid mode "${text}"`, "use host, private or private:HOST-ID[:SIZE]");
  const first = match[1] === undefined ? standardMapping.uid : Number(match[1]);
  const size = match[2] === undefined ? standardMapping.size : Number(match[2]);
  if (first < 1 || size < 1 || first + size > 2 ** 32 - 1) throw bad(`--userns: the ids ${first} to ${first + size - 1} are out of range`);
  return { uid: first, gid: first, size };
}

function parseSecurity(options: readonly string[] | undefined): boolean {
  let noNewPrivileges = false;
  for (const option of options ?? []) {
    const match = /^no-new-privileges(?:[:=](true|false))?$/.exec(option);
    if (!match) throw bad(`--security-opt: "${option}" is not supported`, "use no-new-privileges");
    noNewPrivileges = match[1] !== "false";
  }
  return noNewPrivileges;
}

const defaultLog = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

function parseLog(options: readonly string[] | undefined): CreateRequest["log"] {
  let log = defaultLog;
  for (const option of options ?? []) {
    const [key, value = ""] = option.split("=", 2);
    const size = /^(\d+)([kmg]?)$/i.exec(value);
    if (key === "max-size" && value === "-1") log = { ...log, maxBytes: 0 };
    else if (key === "max-size" && size && Number(size[1]) > 0)
      log = { ...log, maxBytes: Number(size[1]) * 1024 ** " kmg".indexOf((size[2] || " ").toLowerCase()) };
    else if (key === "max-file" && /^[1-9]\d?$/.test(value)) log = { ...log, maxFiles: Number(value) };
    else throw bad(`--log-opt: invalid option "${option}"`, "use max-size=SIZE and max-file=1 to 99");
  }
  return log;
}
