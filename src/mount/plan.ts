// Plans for binding, stacking and unmounting, from what was found out about the paths. Pure.
import type { Plan, PlannedStep } from "../plan/plan.ts";
import type { MountOverlay, MountPlace, Propagation } from "../plan/step/mount.ts";

/** A target after it has been looked up: absolute, without links, perhaps with names that are still to be made. */
export interface TargetState {
  readonly path: string;
  readonly missing: readonly string[];
  readonly type: "directory" | "file";
}

export interface BindState {
  readonly place: MountPlace;
  /** For people: "container web"; absent: this namespace. */
  readonly placeLabel?: string;
  readonly source: string;
  readonly target: TargetState;
  readonly recursive: boolean;
  readonly readOnly: boolean;
  readonly propagation?: Propagation;
}

/** One step for every name that is missing, outermost first. */
function planTarget(place: MountPlace, { path, missing, type }: TargetState): PlannedStep[] {
  const names = path.split("/");
  return missing.map((_, at): PlannedStep => {
    const here = names.slice(0, names.length - missing.length + at + 1).join("/");
    const own = at === missing.length - 1 ? type : "directory";
    return {
      step: { kind: "mountpoint.create", ...place, path: here, type: own },
      because: `a ${own} to mount on, which is not there yet`,
      undo: { kind: "mountpoint.remove", ...place, path: here, type: own },
    };
  });
}

export function planBind(state: BindState): Plan {
  const { place, source, target, recursive, readOnly, propagation } = state;
  const where = state.placeLabel === undefined ? "" : ` in ${state.placeLabel}`;
  const how = [...(recursive ? ["with the mounts below it"] : []), ...(readOnly ? ["read-only"] : [])].join(", ");
  return {
    steps: [
      ...planTarget(place, target),
      {
        step: {
          kind: "mount.bind",
          ...place,
          source,
          target: target.path,
          recursive,
          readOnly,
          ...(propagation ? { propagation } : {}),
        },
        because: `${source} is seen at ${target.path}${where}${how === "" ? "" : `, ${how}`}`,
        undo: { kind: "mount.remove", ...place, target: target.path, lazy: false },
      },
    ],
  };
}

export function planOverlay(state: Omit<MountOverlay, "kind" | "target"> & { readonly placeLabel?: string }, target: TargetState): Plan {
  const { placeLabel, ...overlay } = state;
  const place: MountPlace = overlay.namespacePath === undefined ? {} : { namespacePath: overlay.namespacePath };
  const where = placeLabel === undefined ? "" : ` in ${placeLabel}`;
  const writes = overlay.upper === undefined || overlay.readOnly ? "read-only" : `changes go to ${overlay.upper}`;
  return {
    steps: [
      ...planTarget(place, target),
      {
        step: { kind: "mount.overlay", ...overlay, target: target.path },
        because: `${overlay.lower.length} lower ${overlay.lower.length === 1 ? "directory is" : "directories are"} seen at ${target.path}${where}, ${writes}`,
        undo: { kind: "mount.remove", ...place, target: target.path, lazy: false },
      },
    ],
  };
}

/** `targets` innermost first; `points` are mount points that tsns made for them. */
export function planRemove(
  place: MountPlace,
  targets: readonly string[],
  lazy: boolean,
  points: readonly { readonly path: string; readonly type: "directory" | "file" }[] = [],
): Plan {
  return {
    steps: [
      ...targets.map(
        (target): PlannedStep => ({
          step: { kind: "mount.remove", ...place, target, lazy },
          because: `nothing is mounted on ${target} any more`,
        }),
      ),
      ...points.map(
        ({ path, type }): PlannedStep => ({
          step: { kind: "mountpoint.remove", ...place, path, type },
          because: "tsns made it to mount on",
        }),
      ),
    ],
  };
}
