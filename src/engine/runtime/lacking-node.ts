// Device nodes of a configuration that the host has nowhere: in a user namespace they can be neither made nor bound.
import { readFileSync, statSync } from "node:fs";
import type { RuntimeDevice } from "../../runtime/config/device.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";

/** In any other user namespace this process could make none either. */
const isInitialUser = (): boolean => /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "utf8"));

/** Paths in the container. */
export function lackingNodes({ linux: { devices, namespaces } }: RuntimeConfig): readonly string[] {
  if (!namespaces.some(({ type }) => type === "user") || globalThis.process.geteuid?.() !== 0) return [];
  const lacking = devices.filter((device) => device.type !== "p" && !placesOf(device).some((path) => isNode(path, device)));
  return lacking.length > 0 && isInitialUser() ? lacking.map(({ path }) => path) : [];
}

/** Where the native helper looks for one to bind. */
const placesOf = ({ path, type, major, minor }: RuntimeDevice): readonly string[] => [
  path,
  `/dev/${type === "b" ? "block" : "char"}/${major}:${minor}`,
];

function isNode(path: string, { type, major, minor }: RuntimeDevice): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || !(type === "b" ? found.isBlockDevice() : found.isCharacterDevice())) return false;
  return majorOf(found.rdev) === major && minorOf(found.rdev) === minor;
}

/** makedev(3) of Linux. */
const majorOf = (rdev: number): number => Number(((BigInt(rdev) >> 8n) & 0xfffn) | ((BigInt(rdev) >> 32n) & 0xfffff000n));
const minorOf = (rdev: number): number => Number((BigInt(rdev) & 0xffn) | ((BigInt(rdev) >> 12n) & 0xffffff00n));
