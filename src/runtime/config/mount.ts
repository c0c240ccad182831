// One entry of `mounts` (runtime-spec 1.2, config.md, Mounts; config-linux.md).
import type { RuntimeIdMapping } from "./type.ts";

export interface RuntimeMount {
  /** Absolute, inside the container. */
  readonly destination: string;
  /** "" where a bind has none. */
  readonly type: string;
  /** A bind's is absolute (relative ones have been put below the bundle). */
  readonly source: string;
  /** As written; src/runtime/plan/mount-option.ts knows the words. */
  readonly options: readonly string[];
  /** With `idmap` or `ridmap` among the options and none of these: the maps of the user namespace. */
  readonly uidMappings: readonly RuntimeIdMapping[];
  readonly gidMappings: readonly RuntimeIdMapping[];
}
