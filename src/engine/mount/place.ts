// Where a mount command works: this mount namespace, or another one by what people call it, and its paths.
import { KernelError, TsnsError } from "../../base/error.ts";
import { capabilityMask } from "../../container/capability.ts";
import { readMountsIn, readMountsOf, requireRootOf } from "../../kernel/mount/namespace.ts";
import { type Resolved, resolveInside } from "../../kernel/mount/resolve.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import type { TargetState } from "../../mount/plan.ts";
import type { MountState } from "../../mount/state.ts";
import type { MountPlace } from "../../plan/step/mount.ts";
import { readEffectiveCapabilities } from "../container/host-fact.ts";
import type { Engine } from "../engine.ts";
import { findNamespace } from "../namespace/find.ts";

export interface Place {
  readonly step: MountPlace;
  readonly inode: number;
  /** "container web"; undefined for this process's own namespace. */
  readonly label?: string;
  readonly mounts: readonly MountState[];
  /** Looks a path up there. Absolute, or throws invalid. */
  resolve(path: string): Resolved;
}

/** Throws denied unless this process may mount. */
export function requireMountPrivilege(): void {
  if ((readEffectiveCapabilities() & capabilityMask(["SYS_ADMIN"])) !== 0n) return;
  throw new TsnsError("denied", "no-privilege", "mounts need root: this process lacks CAP_SYS_ADMIN", {
    hint: "run it with sudo, or as root with this capability",
  });
}

/** Overlay's marks are attributes that only this capability shows; without it whiteouts are seen, opaque directories are not. */
export function warnWithoutMarks(engine: Engine): void {
  if ((readEffectiveCapabilities() & capabilityMask(["SYS_ADMIN"])) !== 0n) return;
  engine.warn("without root overlay's marks cannot be read: opaque and renamed directories are taken for plain ones");
}

function requireAbsolute(path: string): string {
  if (path.startsWith("/")) return path;
  throw new TsnsError("invalid", "relative-path", `"${path}" is no absolute path`, { hint: "in another namespace paths start with /" });
}

/** This namespace without a reference. Throws what findNamespace does; conflict for a namespace without processes. */
export function openPlace(engine: Engine, reference?: string): Place {
  const own = readNamespaceInode("self", "mnt") ?? 0;
  const found = reference === undefined ? undefined : findNamespace(engine, "mnt", reference);
  if (!found || found.inode === own) {
    const resolve = (path: string) => resolveInside("", requireAbsolute(path));
    return { step: {}, inode: own, mounts: readMountsOf("self") ?? [], resolve };
  }
  const { path: namespacePath, inode, pid, label } = found;
  return {
    step: { namespacePath },
    inode,
    label,
    mounts: readMountsIn(namespacePath),
    resolve(path) {
      if (pid === undefined) {
        throw new TsnsError("conflict", "no-process", `${label} has no process, so no path in it can be looked at`, {
          hint: "give a container or the pid of a process in it",
        });
      }
      return resolveIn(pid, requireAbsolute(path));
    },
  };
}

/** Inside a process's root; the answer is a path of its whole namespace. */
function resolveIn(pid: number, path: string): Resolved {
  const root = requireRootOf(pid);
  const found = resolveInside(`/proc/${pid}/root`, path);
  return root === "/" ? found : { ...found, path: found.path === "/" ? root : `${root}${found.path}` };
}

export function noSuchPath(path: string): TsnsError {
  return new TsnsError("not-found", "no-such-path", `${path} is not there`, { hint: "tsns mount ls shows all mounts" });
}

/**
 * What is to be mounted on. Throws conflict for a file that should be a directory, or the other way round; invalid for the root, as a
 * mount over it hides all there is from who comes next, and the root is never unmounted.
 */
export function findTarget(place: Place, target: string, type: "directory" | "file"): TargetState {
  const found = place.resolve(target);
  if (found.path === "/") {
    const where = place.label === undefined ? "" : ` in ${place.label}`;
    throw new TsnsError("invalid", "root-mount", `will not mount over the root file system${where}`, { hint: "name a directory below it" });
  }
  if (found.missing.length > 0 && /\/$/.test(target) && type === "file")
    throw new KernelError("open", "ENOENT", target, { hint: "a file is bound: leave out the slash at the end" });
  if (found.type !== undefined && (found.type === "directory") !== (type === "directory")) {
    const what = found.type === "directory" ? "a directory" : "no directory";
    throw new TsnsError(
      "conflict",
      "wrong-target-type",
      `${target} is ${what}, the source is ${type === "directory" ? "a directory" : "none"}`,
      {
        hint: "mount a directory on a directory, a file on a file",
      },
    );
  }
  return { path: found.path, missing: found.missing, type };
}
