// Performs steps on layers. Packing and applying answer with what they found, so their use cases do them.
import type { LayerStep } from "../../plan/step/layer.ts";
import { type Executors, notHere } from "./executor.ts";

export const layerExecutors: Executors<LayerStep> = { "layer.pack": notHere, "layer.apply": notHere };
