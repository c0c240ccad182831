// Which mounts a container gets: those asked for, those of other containers, those its image declares. Pure.
import { posix } from "node:path";
import type { MountSpec } from "./spec/storage.ts";

export interface MountSources {
  readonly asked: readonly MountSpec[];
  /** Of the containers of --volumes-from, in their order. */
  readonly inherited: readonly { readonly mounts: readonly MountSpec[]; readonly readOnly: boolean }[];
  /** Paths of the image's VOLUME. */
  readonly declared: readonly string[];
  /** A name for a volume that nobody named. */
  readonly newName: () => string;
}

/**
 * docker's order of precedence: what is asked for, then the last of --volumes-from, then the image. Anonymous volumes yield to
 * everything that is mounted on their path.
 */
export function mergeMounts({ asked, inherited, declared, newName }: MountSources): MountSpec[] {
  const named = asked.filter((mount) => !isUnasked(mount));
  const own = new Set(named.map(({ target }) => target));
  const taken = new Map<string, MountSpec>();
  for (const { mounts, readOnly } of inherited)
    for (const mount of mounts) if (!own.has(mount.target) && mount.type !== "tmpfs") taken.set(mount.target, inherit(mount, readOnly));
  const used = new Set([...own, ...taken.keys()]);
  const anonymous: MountSpec[] = [
    ...asked.filter(isUnasked),
    ...declared.map(
      (path): MountSpec => ({ type: "volume", name: "", anonymous: true, target: normal(path), readOnly: false, origin: "image" }),
    ),
  ].filter(({ target }) => {
    const isFree = !used.has(target) && target !== "/";
    used.add(target);
    return isFree;
  });
  const name = (mount: MountSpec): MountSpec => (mount.type === "volume" && mount.name === "" ? { ...mount, name: newName() } : mount);
  return [...named, ...taken.values(), ...anonymous].map(name);
}

/** An anonymous volume of -v, or of an image. */
const isUnasked = (mount: MountSpec): boolean => mount.type === "volume" && mount.anonymous && mount.origin === "volume";

/** Nothing is copied into it: the other container has done that. */
function inherit(mount: Exclude<MountSpec, { readonly type: "tmpfs" }>, readOnly: boolean): MountSpec {
  const shared = { readOnly: mount.readOnly || readOnly, origin: "volumes-from" } as const;
  return mount.type === "volume" ? { ...mount, ...shared, noCopy: true } : { ...mount, ...shared };
}

const normal = (path: string): string => posix.normalize(`/${path}`).replace(/(?<=.)\/$/, "");
