// Options on what a container shares with the host and with others: its namespaces.
import type { CreateRequest } from "../../../src/container/request.ts";
import type { NamespaceMode } from "../../../src/container/spec/isolation.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const isolationOptions = {
  ipc: { type: "string", describe: "IPC namespace to use: private, host, container:NAME" },
  pid: { type: "string", describe: "PID namespace to use: host, container:NAME" },
  userns: { type: "string", describe: "User namespace: host, or private[:HOST-ID[:SIZE]] for ids of its own" },
  uts: { type: "string", describe: "UTS namespace to use: host" },
} as const satisfies OptionTable;

const ownNamespace: NamespaceMode = { mode: "private" };

export function parseIsolation({ read }: CreatePart, values: ValuesOf<typeof isolationOptions>) {
  const userNamespace = read(() => parseUserNamespace(values.userns), undefined);
  return {
    pid: read(() => parseNamespace("--pid", values.pid), ownNamespace),
    ipc: read(() => parseNamespace("--ipc", values.ipc), ownNamespace),
    uts: read(() => parseUts(values.uts), ownNamespace),
    ...(userNamespace ? { userNamespace } : {}),
  } satisfies Partial<CreateRequest>;
}

function parseNamespace(option: string, text: string | undefined): NamespaceMode {
  if (text === undefined || text === "" || text === "private") return { mode: "private" };
  if (text === "host") return { mode: "host" };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  throw badOption(`${option}: invalid mode "${text}"`, "use host or container:NAME");
}

function parseUts(text: string | undefined): NamespaceMode {
  if (text === undefined || text === "") return { mode: "private" };
  if (text === "host") return { mode: "host" };
  throw badOption(`--uts: invalid mode "${text}"`, "use host");
}

const standardMapping = { uid: 100_000, gid: 100_000, size: 65_536 };

function parseUserNamespace(text: string | undefined): CreateRequest["userNamespace"] {
  if (text === undefined || text === "" || text === "host") return undefined;
  const match = /^private(?::(\d+)(?::(\d+))?)?$/.exec(text);
  if (!match) throw badOption(`--userns: invalid mode "${text}"`, "use host, private or private:HOST-ID[:SIZE]");
  const first = match[1] === undefined ? standardMapping.uid : Number(match[1]);
  const size = match[2] === undefined ? standardMapping.size : Number(match[2]);
  if (first < 1 || size < 1 || first + size > 2 ** 32 - 1)
    throw badOption(`--userns: the ids ${first} to ${first + size - 1} are out of range`);
  return { uid: first, gid: first, size };
}
