// Which mount an open file lies on, and which mounts lie below a directory, in this process's mount namespace.
// The mount id tells apart what st_dev cannot: a bind mount of the same file system.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { type ByteString, toByteString } from "./path.ts";

const buffer = Buffer.alloc(512);

/** Mount id of an open descriptor: `mnt_id` of /proc/self/fdinfo/FD (proc(5), since Linux 3.15). */
export function readMountId(fd: number): number {
  const path = `/proc/self/fdinfo/${fd}`;
  const info = openSync(path, "r");
  try {
    const id = /^mnt_id:\s*(\d+)/m.exec(buffer.toString("latin1", 0, readSync(info, buffer)))?.[1];
    if (id === undefined) {
      throw new KernelError("read", "ENOSYS", path, { hint: "Linux 3.15 or newer is needed to tell mounts apart" });
    }
    return Number(id);
  } finally {
    closeSync(info);
  }
}

export interface MountPoint {
  readonly id: number;
  readonly path: ByteString;
}

/** Parses mountinfo (proc(5)): mount id and unescaped mount point of each line. */
function parseMountPoints(mountinfo: string): MountPoint[] {
  const points: MountPoint[] = [];
  for (const line of mountinfo.split("\n")) {
    const fields = line.split(" ", 5);
    const [id, point] = [fields[0], fields[4]];
    if (id === undefined || point === undefined) continue;
    points.push({
      id: Number(id),
      path: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    });
  }
  return points;
}

/** Mount points at or below a real path (without symbolic links). */
export function readMountPointsBelow(realPath: string): MountPoint[] {
  const path = toByteString(realPath);
  const text = readFileSync("/proc/self/mountinfo", "latin1");
  // what mountinfo does not escape must stand there as it is: most often nothing is there, and nothing need be parsed
  if (!/[\s\\#]/.test(path) && !text.includes(path)) return [];
  const points = parseMountPoints(text);
  return points.filter((point) => point.path === path || point.path.startsWith(`${path}/`));
}
