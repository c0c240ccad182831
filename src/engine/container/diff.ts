// docker diff: compares the writable layer of a container with the layers below.
import { type RootChange, withoutMountPoints } from "../../container/change.ts";
import { readLayerChanges } from "../../kernel/layer/diff.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { findContainerLayers } from "../layer/container.ts";

/** Changes of a container's root. Where its layer must be mounted first, the same command is called there with `options`. */
export function diffContainer(engine: Engine, reference: string, options: readonly string[] = []): readonly RootChange[] {
  const record = findContainer(engine.store, reference);
  const { upper, lower } = findContainerLayers(engine, record, ["container", "diff", ...options, record.id]);
  return upper === undefined ? [] : withoutMountPoints(readLayerChanges(upper, lower));
}
