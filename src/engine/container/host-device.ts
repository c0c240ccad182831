// The host's devices that a container is given: which numbers their paths stand for, when it starts.
import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { TsnsError } from "../../base/error.ts";
import type { DeviceRule } from "../../cgroup/device.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import type { OciDevice } from "../../container/oci/type.ts";
import type { DeviceSpec } from "../../container/spec/isolation.ts";
import { deviceNumber, majorOf, minorOf } from "../cgroup/block-device.ts";

export interface GivenDevices {
  /** As they are inside. */
  readonly nodes: readonly OciDevice[];
  /** What may be done with them. */
  readonly rules: readonly DeviceRule[];
}

/** Throws TsnsError in docker's words for a path that is no device and no directory with some. */
export function readGivenDevices(devices: readonly DeviceSpec[]): GivenDevices {
  const given = devices.map((device) => {
    const nodes = readNodes(device.hostPath, device.containerPath);
    if (nodes.length === 0) throw noDevice(device.hostPath, "not a device node");
    return {
      nodes,
      rules: nodes.map(({ type, major, minor }) => ({ type: type === "b" ? "b" : "c", major, minor, access: device.access }) as const),
    };
  });
  return { nodes: given.flatMap(({ nodes }) => nodes), rules: given.flatMap(({ rules }) => rules) };
}

function readNodes(hostPath: string, containerPath: string): OciDevice[] {
  let found: Stats;
  try {
    found = statSync(hostPath);
  } catch {
    throw noDevice(hostPath, "no such file or directory");
  }
  if (found.isDirectory()) {
    return readdirSync(hostPath, { withFileTypes: true }).flatMap((entry) => {
      const wanted = entry.isDirectory() || entry.isCharacterDevice() || entry.isBlockDevice();
      return wanted ? readNodes(join(hostPath, entry.name), join(containerPath, entry.name)) : [];
    });
  }
  if (!found.isCharacterDevice() && !found.isBlockDevice()) return [];
  const { rdev, mode, uid, gid } = found;
  const type = found.isBlockDevice() ? "b" : "c";
  return [{ path: containerPath, type, major: majorOf(rdev), minor: minorOf(rdev), fileMode: mode & 0o7777, uid, gid }];
}

function noDevice(path: string, why: string): TsnsError {
  return new TsnsError("invalid", "bad-device", `error gathering device information while adding custom device "${path}": ${why}`, {
    hint: "name a device node of the host, or a directory with some: ls -l /dev",
    exitCode: 125,
  });
}

/** Limits with block devices as `major:minor`, and more device rules. Throws not-found, invalid. */
export function resolveResources(resources: ResourceSpec, rules: readonly DeviceRule[]): ResourceSpec {
  const { io, blkioWeightDevices, deviceRules = [] } = resources;
  const resolved = <T extends { readonly device: string }>(limit: T): T => ({ ...limit, device: numberOf(limit.device) });
  return {
    ...resources,
    ...(io ? { io: io.map(resolved) } : {}),
    ...(blkioWeightDevices ? { blkioWeightDevices: blkioWeightDevices.map(resolved) } : {}),
    ...(deviceRules.length + rules.length > 0 ? { deviceRules: [...deviceRules, ...rules] } : {}),
  };
}

/** Only whole disks have rates and weights: the kernel answers ENODEV for a partition. */
function numberOf(device: string): string {
  const number = deviceNumber(device);
  try {
    readFileSync(`/sys/dev/block/${number}/partition`);
  } catch {
    return number;
  }
  throw new TsnsError("invalid", "not-a-disk", `${device} is a partition: the kernel limits whole disks only`, {
    hint: "name the disk it is on: lsblk",
    exitCode: 125,
  });
}
