// The shell commands for steps on volumes.
import type { VolumeStep } from "../step/volume.ts";
import { quoteWord, type Renderers } from "./word.ts";

export const volumeShell: Renderers<VolumeStep> = {
  "volume.put": (step) => `: # the store records volume ${quoteWord(step.name)} of the driver ${quoteWord(step.driver)}`,
  "volume.forget": (step) => `: # the store forgets volume ${quoteWord(step.name)}`,
};
