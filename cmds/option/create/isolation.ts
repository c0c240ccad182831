// Options on what a container shares with the host and with others: its namespaces. Devices and what the kernel lets it do are in files of
// their own, joined here.
import { parseDuration } from "../../../src/base/time.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { IpcMode, NamespaceMode } from "../../../src/container/spec/isolation.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { deviceOptions, parseDevices } from "./device.ts";
import { kernelOptions, parseKernel } from "./kernel.ts";
import { badOption, type CreatePart } from "./part.ts";

export const isolationOptions = {
  cgroupns: { type: "string", describe: "Cgroup namespace to use: private, host" },
  domainname: { type: "string", describe: "Container NIS domain name" },
  ipc: { type: "string", describe: "IPC mode to use: private, shareable, none, host, container:NAME" },
  pid: { type: "string", describe: "PID namespace to use: host, container:NAME" },
  time: { type: "string", describe: "Time namespace: host, or private[:OFFSET] for clocks since boot that are ahead by so much" },
  userns: { type: "string", describe: "User namespace: host, private[:HOST-ID[:SIZE]], or remap[:USER] for ids of /etc/subuid" },
  uts: { type: "string", describe: "UTS namespace to use: host, container:NAME" },
  ...kernelOptions,
  ...deviceOptions,
} as const satisfies OptionTable;

const ownNamespace: NamespaceMode = { mode: "private" };

export function parseIsolation(part: CreatePart, values: ValuesOf<typeof isolationOptions>) {
  const { read } = part;
  const user = read(() => parseUserNamespace(values.userns), {});
  const time = read(() => parseTimeNamespace(values.time), undefined);
  const cgroup = read(() => parseCgroupNamespace(values.cgroupns), undefined);
  const domainname = read(() => parseDomainname(values.domainname), undefined);
  return {
    pid: read(() => parseNamespace("--pid", "PID", values.pid), ownNamespace),
    ipc: read(() => parseIpc(values.ipc), ownNamespace),
    uts: read(() => parseNamespace("--uts", "UTS", values.uts), ownNamespace),
    ...user,
    ...(time ? { timeNamespace: time } : {}),
    ...(cgroup ? { cgroupNamespace: cgroup } : {}),
    ...(domainname ? { domainname } : {}),
    ...parseKernel(part, values),
    ...parseDevices(part, values),
  } satisfies Partial<CreateRequest>;
}

function parseNamespace(option: string, kind: string, text: string | undefined): NamespaceMode {
  if (text === undefined || text === "" || text === "private") return { mode: "private" };
  if (text === "host") return { mode: "host" };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  throw badOption(`${option}: invalid ${kind} mode "${text}"`, "use host or container:NAME");
}

function parseIpc(text: string | undefined): IpcMode {
  if (text === "none" || text === "shareable") return { mode: text };
  try {
    return parseNamespace("--ipc", "IPC", text);
  } catch {
    throw badOption(`--ipc: invalid IPC mode "${text}"`, "use private, shareable, none, host or container:NAME");
  }
}

function parseCgroupNamespace(text: string | undefined): "host" | undefined {
  if (text === undefined || text === "" || text === "private") return undefined;
  if (text === "host") return "host";
  throw badOption(`--cgroupns: invalid CGROUP mode "${text}"`, "use private or host");
}

/** The kernel takes offsets whose clocks stay between 0 and some 146 years (time_namespaces(7)); the first bound depends on the uptime. */
const mostOffsetMs = 100 * 365 * 24 * 3_600_000;

function parseTimeNamespace(text: string | undefined): CreateRequest["timeNamespace"] {
  if (text === undefined || text === "" || text === "host") return undefined;
  const [mode, offset, ...more] = text.split(":");
  const hint = "use host, private, or private:OFFSET with an offset such as 24h or -30m";
  if (mode !== "private" || more.length > 0) throw badOption(`--time: invalid time mode "${text}"`, hint);
  if (offset === undefined) return { offsetSeconds: 0 };
  const offsetMs = parseDuration(offset, "--time offset");
  if (!Number.isSafeInteger(offsetMs / 1000) || Math.abs(offsetMs) > mostOffsetMs)
    throw badOption(`--time: the offset ${offset} is out of range`, "give whole seconds, at most 100 years");
  return { offsetSeconds: offsetMs / 1000 };
}

function parseDomainname(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  // setdomainname(2): at most 64 bytes
  if (/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/.test(text)) return text;
  throw badOption(`invalid domain name "${text}"`, "at most 64 letters, digits, dots and dashes");
}

const standardMapping = { uid: 100_000, gid: 100_000, size: 65_536 };

/** Whose line of /etc/subuid is meant when nobody is named. */
const remapUser = "tsns";

function parseUserNamespace(text: string | undefined): Pick<CreateRequest, "userNamespace" | "remapUser"> {
  if (text === undefined || text === "" || text === "host") return {};
  const remap = /^remap(?::([^:\s/]+))?$/.exec(text);
  if (remap) return { remapUser: remap[1] ?? remapUser };
  const match = /^private(?::(\d+)(?::(\d+))?)?$/.exec(text);
  if (!match) throw badOption(`--userns: invalid USER mode "${text}"`, "use host, private, private:HOST-ID[:SIZE], remap or remap:USER");
  const first = match[1] === undefined ? standardMapping.uid : Number(match[1]);
  const size = match[2] === undefined ? standardMapping.size : Number(match[2]);
  if (first < 1 || size < 1 || first + size > 2 ** 32 - 1)
    throw badOption(`--userns: the ids ${first} to ${first + size - 1} are out of range`);
  return { userNamespace: { uid: first, gid: first, size } };
}
