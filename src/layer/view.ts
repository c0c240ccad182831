// One line of `tsns layer ls`: a mounted overlay or a layer of our store. Values only.
import type { Owner } from "../namespace/owner.ts";

export interface LayerView {
  readonly kind: "overlay" | "stored";
  /** Where it is mounted (in the first namespace that has it), or the layer's digest. */
  readonly name: string;
  /** Uppermost first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  /** Directory of a stored layer. */
  readonly directory: string;
  /** Of a stored layer; 0 for an overlay. */
  readonly sizeBytes: number;
  /** Containers whose root or mount it is. */
  readonly owners: readonly Owner[];
  /** Images that have the layer. */
  readonly images: readonly string[];
  /** Inodes of the mount namespaces that have it. */
  readonly namespaces: readonly number[];
}
