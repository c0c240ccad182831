// How init gets into its namespaces: which are made with it, which are joined and by whom (runtime-spec 1.2, config-linux.md, Namespaces). Pure.
import { linkUp, renderHex } from "../../network/message.ts";
import { CLONE, cloneFlag, type Operation } from "../../plan/operation.ts";
import type { RuntimeConfig, RuntimeNamespace, RuntimeNamespaceType } from "../config/type.ts";
import { descriptorOf, descriptors } from "./descriptor.ts";
import { renderMaps } from "./id-map.ts";

export const isNew = ({ linux: { namespaces } }: RuntimeConfig, type: RuntimeNamespaceType): boolean =>
  namespaces.some((namespace) => namespace.type === type && namespace.path === undefined);

export const hasOwn = ({ linux: { namespaces } }: RuntimeConfig, type: RuntimeNamespaceType): boolean =>
  namespaces.some((namespace) => namespace.type === type);

export interface NamespacePlan {
  /** Ends with `clone`'s own arguments: before it everything else of the creator's stands. */
  readonly monitor: readonly Operation[];
  readonly clone: Operation;
  readonly init: readonly Operation[];
}

export function planNamespaces(config: RuntimeConfig): NamespacePlan {
  const numbers = descriptors("namespace");
  const joined = config.linux.namespaces.flatMap((namespace) =>
    namespace.path === undefined ? [] : [{ ...namespace, path: namespace.path, descriptor: numbers.next() ?? "" }],
  );
  const enter = (name: "setns" | "join", { type, path, descriptor }: (typeof joined)[number]): Operation => [
    name,
    descriptor,
    `${cloneFlag[type]}`,
    path,
  ];
  const [pids, others] = [joined.filter(({ type }) => type === "pid"), joined.filter(({ type }) => type !== "pid" && type !== "user")];
  return {
    monitor: [
      ...joined.map(({ descriptor, path }): Operation => ["open", descriptor, path]),
      // Some may belong to the host, some to the user namespace: who makes init tries before it is inside, init does what is left.
      ...(hasOwn(config, "user") ? [...pids, ...others].map((each) => enter("join", each)) : pids.map((each) => enter("setns", each))),
      ...joined.filter(({ type }) => type === "user").map(({ descriptor }): Operation => ["join-user", descriptor]),
      ...(isNew(config, "user") ? [userOperation(config)] : []),
      ...timeOperations(config),
    ],
    clone: [
      "clone",
      `${config.linux.namespaces.filter((each) => isMadeByClone(each, config)).reduce((sum, { type }) => sum + cloneFlag[type], 0)}`,
    ],
    init: [...others.map((each) => enter("setns", each)), ...(isNew(config, "network") ? loopback : [])],
  };
}

/** Init is cloned inside a user namespace and into a time namespace that are there before it; its cgroup namespace comes when it has joined its groups. */
const isMadeByClone = ({ type, path }: RuntimeNamespace, config: RuntimeConfig): boolean =>
  path === undefined && !["cgroup", "user", "time"].includes(type) && !(type === "ipc" && isMadeByRoot(config));

/** The root of a new mqueue belongs to who makes the ipc namespace (ipc/mqueue.c of Linux 6.18): in a user namespace its root does, who is not there yet. */
export const isMadeByRoot = (config: RuntimeConfig): boolean => hasOwn(config, "user") && isNew(config, "ipc");

const userOperation = ({ linux }: RuntimeConfig): Operation => [
  "userns",
  descriptorOf("user"),
  renderMaps(linux.uidMappings),
  renderMaps(linux.gidMappings),
];

function timeOperations(config: RuntimeConfig): Operation[] {
  if (!isNew(config, "time")) return [];
  const lines = Object.entries(config.linux.timeOffsets).map(([clock, { secs, nanosecs }]) => `${clock} ${secs} ${nanosecs}\n`);
  return [
    ["unshare", `${CLONE.NEWTIME}`],
    ...(lines.length > 0 ? [["write", "/proc/self/timens_offsets", lines.join("")] satisfies Operation] : []),
  ];
}

/** The loopback link of a new network namespace is down. */
const loopback: readonly Operation[] = [
  ["netlink-socket", descriptorOf("netlink")],
  ["netlink", descriptorOf("netlink"), renderHex(linkUp({ index: 1 }))],
];
