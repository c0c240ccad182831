// Chain ids: docker's names for layers in their place, a digest over all diff ids up to there (image-spec config.md, "Layer ChainID").
import { createHash } from "node:crypto";

/** One per layer, lowest first. */
export function chainIdsOf(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}`);
  }
  return chain;
}

/** How many layers from the lowest on two images have in common. */
export function sharedLayers(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count++;
  return count;
}
