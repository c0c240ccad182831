// Performs steps on mounts.
import type { MountStep } from "../../plan/step/mount.ts";
import type { Executors } from "./executor.ts";

export const mountExecutors: Executors<MountStep> = {
  "mount.bind": async (step) => (await import("../mount/act.ts")).bindMount(step),
  "mount.overlay": async (step) => (await import("../mount/act.ts")).mountOverlay(step),
  "mount.remove": async (step) => (await import("../mount/act.ts")).removeMount(step),
  "mountpoint.create": async (step) => (await import("../mount/act.ts")).createMountPoint(step),
  "mountpoint.remove": async (step) => (await import("../mount/act.ts")).removeMountPoint(step),
};
