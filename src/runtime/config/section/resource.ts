// `linux.resources` (runtime-spec 1.2, config-linux.md, Control groups), and what `update -r` reads. Whether this host has the controllers is seen
// when the values are written.
import {
  count,
  entries,
  flag,
  given,
  I64,
  isObjectNode,
  items,
  member,
  type Node,
  needed,
  neededText,
  problem,
  quote,
  text,
  U32,
  U64,
  unsigned32,
  unsigned64,
  warn,
  whole,
  word,
} from "../node.ts";
import type { RuntimeCpu, RuntimeDeviceRule, RuntimeMemory, RuntimeResources } from "../resource.ts";
import { parseBlockIo } from "./block-io.ts";

/** -1 means all, as absent does. */
function deviceNumber(node: Node): number | undefined {
  const found = count(node, -1, U32);
  return found === -1 ? undefined : found;
}

/** Letters that nobody knows allow nothing, as runc has it; what is denied with one is denied whole. */
function accessOf(node: Node, allow: boolean): string {
  const access = text(node) || "rwm";
  if (/^[rwm]+$/.test(access)) return access;
  const known = access.replaceAll(/[^rwm]/g, "");
  if (known === "") problem(node, `${quote(access)} is not made of r, w and m`);
  else warn(node, `${quote(access)} is not made of r, w and m alone: ${allow ? `${known} is allowed` : "all access is denied"}`);
  return allow ? known : "rwm";
}

function ruleOf(node: Node): RuntimeDeviceRule[] {
  if (!isObjectNode(node)) return [];
  const allow = needed(member(node, "allow"), flag);
  const written = text(member(node, "type"));
  const type = written ? word(member(node, "type"), ["a", "b", "c"]) : "a";
  const access = accessOf(member(node, "access"), allow === true);
  const numbers = { major: deviceNumber(member(node, "major")), minor: deviceNumber(member(node, "minor")) };
  return allow === undefined || type === undefined ? [] : [given({ allow, type, ...numbers, access })];
}

/** What engines write for a value that is not theirs to change is 0: as if it were absent. */
const changed = <Value extends bigint | number>(value: Value | undefined): Value | undefined => value || undefined;

/** Bytes, or -1. */
const bytes = (node: Node): bigint | undefined => changed(whole(node, -1n, I64));

/** All ones is how an engine writes -1 into an unsigned number: none. */
const swappiness = (node: Node): number | undefined => (node.value === U64 || node.value === -1 ? undefined : count(node, 0, 100));

function memoryOf(node: Node): RuntimeMemory | undefined {
  if (!isObjectNode(node)) return undefined;
  return given({
    limit: bytes(member(node, "limit")),
    reservation: bytes(member(node, "reservation")),
    swap: bytes(member(node, "swap")),
    kernel: bytes(member(node, "kernel")),
    kernelTcp: bytes(member(node, "kernelTCP")),
    swappiness: swappiness(member(node, "swappiness")),
    disableOomKiller: flag(member(node, "disableOOMKiller")),
    useHierarchy: flag(member(node, "useHierarchy")),
    checkBeforeUpdate: flag(member(node, "checkBeforeUpdate")),
  });
}

function cpuOf(node: Node): RuntimeCpu | undefined {
  if (!isObjectNode(node)) return undefined;
  const signed = (name: string) => changed(whole(member(node, name), -1n, I64));
  const unsigned = (name: string) => changed(unsigned64(member(node, name)));
  const quota = signed("quota");
  const burst = unsigned64(member(node, "burst"));
  if (quota !== undefined && burst !== undefined && quota > 0n && burst > quota)
    problem(member(node, "burst"), `${burst} is above quota ${quota}`);
  return given({
    shares: unsigned("shares"),
    quota,
    burst,
    period: unsigned("period"),
    realtimeRuntime: signed("realtimeRuntime"),
    realtimePeriod: unsigned("realtimePeriod"),
    cpus: text(member(node, "cpus")) || undefined,
    mems: text(member(node, "mems")) || undefined,
    idle: count(member(node, "idle"), 0, 1),
  });
}

function hugepageOf(node: Node): RuntimeResources["hugepageLimits"] {
  if (!isObjectNode(node)) return [];
  const pageSize = neededText(member(node, "pageSize"));
  if (pageSize !== undefined && !/^[1-9]\d*[KMG]B$/.test(pageSize))
    problem(member(node, "pageSize"), `${quote(pageSize)} is no size such as 64KB, 2MB or 1GB`);
  const limit = needed(member(node, "limit"), unsigned64);
  return pageSize === undefined || limit === undefined ? [] : [{ pageSize, limit }];
}

function networkOf(node: Node): RuntimeResources["network"] {
  if (!isObjectNode(node)) return undefined;
  const priorities = items(member(node, "priorities")).flatMap((each) => {
    const name = neededText(member(each, "name"));
    const priority = needed(member(each, "priority"), unsigned32);
    return name === undefined || priority === undefined ? [] : [{ name, priority }];
  });
  return given({ classId: unsigned32(member(node, "classID")), priorities });
}

function rdmaOf(node: Node): RuntimeResources["rdma"] {
  const devices = entries(node).map(([device, each]) => {
    if (!needed(each, isObjectNode)) return [device, {}] as const;
    const limits = { hcaHandles: unsigned32(member(each, "hcaHandles")), hcaObjects: unsigned32(member(each, "hcaObjects")) };
    if (limits.hcaHandles === undefined && limits.hcaObjects === undefined) problem(each, "needs hcaHandles or hcaObjects");
    return [device, given(limits)] as const;
  });
  return Object.fromEntries(devices);
}

/** The keys are names of files in the group's directory. */
function unifiedOf(node: Node): RuntimeResources["unified"] {
  const files = entries(node).flatMap(([file, each]) => {
    if (!/^[^/\0]+$/.test(file) || file === "." || file === "..") problem(each, "is not the name of a file of a cgroup");
    const value = needed(each, text);
    return value === undefined ? [] : [[file, value] as const];
  });
  return Object.fromEntries(files);
}

function pidsOf(node: Node): RuntimeResources["pids"] {
  if (!isObjectNode(node)) return undefined;
  const limit = needed(member(node, "limit"), (each) => whole(each, -I64 - 1n, I64));
  return limit === undefined ? undefined : { limit };
}

export function parseResources(node: Node): RuntimeResources {
  isObjectNode(node);
  return given({
    devices: items(member(node, "devices")).flatMap(ruleOf),
    memory: memoryOf(member(node, "memory")),
    cpu: cpuOf(member(node, "cpu")),
    pids: pidsOf(member(node, "pids")),
    blockIo: parseBlockIo(member(node, "blockIO")),
    hugepageLimits: items(member(node, "hugepageLimits")).flatMap(hugepageOf),
    network: networkOf(member(node, "network")),
    rdma: rdmaOf(member(node, "rdma")),
    unified: unifiedOf(member(node, "unified")),
  });
}
