// Facts of this host that a container's plan depends on, read once per start.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import type { OciDevice } from "../../container/oci/type.ts";
import { nearestExisting } from "../../kernel/tree/nearest.ts";
import { majorOf, minorOf } from "../cgroup/block-device.ts";

/** Capability bounding set of this process (CapBnd of proc_pid_status(5)). */
export function readBoundingSet(): bigint {
  const text = readFileSync("/proc/self/status", "latin1");
  return BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(text)?.[1] ?? "0"}`);
}

export function readEffectiveCapabilities(): bigint {
  const text = readFileSync("/proc/self/status", "latin1");
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(text)?.[1] ?? "0"}`);
}

const skippedDeviceDirectories: ReadonlySet<string> = new Set(["pts", "shm", "mqueue", "fd", "hugepages", ".lxc", ".lxd-mounts"]);

/** Every device node below /dev, for --privileged. */
export function readHostDevices(directory = "/dev"): OciDevice[] {
  const devices: OciDevice[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skippedDeviceDirectories.has(entry.name)) devices.push(...readHostDevices(path));
    } else if ((entry.isCharacterDevice() || entry.isBlockDevice()) && entry.name !== "console") {
      const { rdev, mode } = statSync(path);
      devices.push({ path, type: entry.isBlockDevice() ? "b" : "c", major: majorOf(rdev), minor: minorOf(rdev), fileMode: mode & 0o7777 });
    }
  }
  return devices;
}

export function readHostname(): string {
  return hostname();
}

/** Whether a path, or what is there of it, lies on the root file system. */
export function isOnRootDevice(path: string): boolean {
  return statSync(nearestExisting(path)).dev === statSync("/").dev;
}
