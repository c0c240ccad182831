// Steps that hand images on are performed by their use cases.
import type { ImageStep } from "../../plan/step/image.ts";
import { type Executors, notHere } from "./executor.ts";

export const imageExecutors: Executors<ImageStep> = {
  "archive.write": notHere,
  "tree.export": notHere,
  "tree.copy": notHere,
  "blob.fetch": notHere,
  "blob.push": notHere,
  "manifest.fetch": notHere,
  "manifest.push": notHere,
};
