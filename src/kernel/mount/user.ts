// Which processes hold a mount: working directory, root, program, open files, mapped files. One pass over /proc for the namespaces
// that have the mount; what may not be read is left out (proc_pid_fd(5), proc_pid_maps(5)).
import { readdirSync, readlinkSync } from "node:fs";
import type { MountTable } from "../../mount/table.ts";
import { readDescriptors } from "../proc/descriptor.ts";
import { tryReadText } from "../text-file.ts";

export type UseKind = "cwd" | "root" | "exe" | "open" | "mapped";

export interface Use {
  readonly pid: number;
  readonly kind: UseKind;
  /** As the process's namespace has it. */
  readonly path: string;
  readonly mountId: number;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // gone, or not ours
  }
}

function namesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const textOf = (path: string): string => tryReadText(path) ?? "";

/** Files mapped into memory: the sixth column of maps, once each. */
export function parseMappedPaths(maps: string): readonly string[] {
  const paths = new Set<string>();
  for (const line of maps.split("\n")) {
    const path = /^\S+ \S+ \S+ \S+ \d+\s+(\/.*)$/.exec(line)?.[1];
    if (path !== undefined) paths.add(path.replaceAll("\\012", "\n"));
  }
  return [...paths];
}

const deleted = " (deleted)";

/**
 * Uses of mounts that `isWanted` by one process. `table` is its namespace's; `isWithin` tells for a path on a wanted mount whether it is
 * asked for. Of an open file the kernel itself tells the mount, of the others the path does.
 */
export function readUses(
  pid: number,
  table: MountTable,
  isWanted: (mountId: number) => boolean,
  isWithin: (mountId: number, path: string) => boolean,
): readonly Use[] {
  const uses: Use[] = [];
  const note = (kind: UseKind, text: string | undefined, knownId?: number) => {
    if (text === undefined || !text.startsWith("/")) return;
    const path = text.endsWith(deleted) ? text.slice(0, -deleted.length) : text;
    const mountId = knownId ?? table.mountOf(path)?.id;
    if (mountId !== undefined && isWanted(mountId) && isWithin(mountId, path)) uses.push({ pid, kind, path, mountId });
  };
  for (const kind of ["cwd", "root", "exe"] as const) note(kind, linkOf(`/proc/${pid}/${kind}`));
  for (const { fd, target } of readDescriptors(pid)) {
    if (!target.startsWith("/")) continue;
    const id = /^mnt_id:\s*(\d+)/m.exec(textOf(`/proc/${pid}/fdinfo/${fd}`))?.[1];
    note("open", target, id === undefined ? undefined : Number(id));
  }
  const exe = linkOf(`/proc/${pid}/exe`);
  for (const path of parseMappedPaths(textOf(`/proc/${pid}/maps`))) if (path !== exe) note("mapped", path);
  return uses;
}

/** Loop devices and swap files, by the path of the file behind them. */
export function readBackingFiles(): readonly { readonly kind: "loop" | "swap"; readonly name: string; readonly path: string }[] {
  const loops = namesOf("/sys/block")
    .filter((name) => name.startsWith("loop"))
    .flatMap((name) => {
      const path = textOf(`/sys/block/${name}/loop/backing_file`).replace(/\n$/, "");
      return path === "" ? [] : [{ kind: "loop" as const, name: `/dev/${name}`, path }];
    });
  const swaps = textOf("/proc/swaps")
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const path = line.split(/\s+/, 1)[0] ?? "";
      return path === "" ? [] : [{ kind: "swap" as const, name: "swap", path: path.replaceAll("\\040", " ") }];
    });
  return [...loops, ...swaps];
}
