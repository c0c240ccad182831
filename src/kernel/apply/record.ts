// Performs steps on the store.
import type { RecordStep } from "../../plan/step/record.ts";
import { type Executors, notHere } from "./executor.ts";

export const recordExecutors: Executors<RecordStep> = {
  "record.put": notHere,
  "layer.unpack": notHere,
  "archive.copy": notHere,
  "image.put": notHere,
  "image.tag": notHere,
  "image.untag": notHere,
  "image.remove": notHere,
  "repository.remove": notHere,
};
