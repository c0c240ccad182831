// Use case: an image and those made from it here, which docker's filter `ancestor` takes together.
import { childrenOf, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";

/** Ids; none where nothing is called so. Throws conflict `ambiguous-image`. */
export function descendantsOf(engine: Engine, text: string): ReadonlySet<string> {
  const image = tryFindImage(engine.store, text);
  const found = new Set<string>(image ? [image.id] : []);
  // what is added on the way is visited too
  for (const id of found) for (const child of childrenOf(engine.store, id)) found.add(child);
  return found;
}
