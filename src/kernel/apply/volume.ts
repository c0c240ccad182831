// Performs steps on volumes.
import type { VolumeStep } from "../../plan/step/volume.ts";
import { type Executors, notHere } from "./executor.ts";

export const volumeExecutors: Executors<VolumeStep> = {
  "volume.put": notHere,
  "volume.forget": notHere,
  "plugin.mount": async (step) => (await import("../volume/plugin.ts")).mountForeign(step),
  "plugin.unmount": async (step) => (await import("../volume/plugin.ts")).unmountForeign(step),
  "volume.import": notHere,
  "volume.export": notHere,
  "volume.fill": async (step) => void (await import("../volume/fill.ts")).fillVolume(step),
  "volume.mount": async (step) => (await import("../volume/mount.ts")).mountDevice(step),
};
