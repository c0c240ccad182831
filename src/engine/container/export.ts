// Use case: the file system of a container as a tar, what its layers show, without what is mounted over it.
import { TsnsError } from "../../base/error.ts";
import { type Exported, exportTree } from "../../kernel/layer/merge.ts";
import { checkWritable, openOutputFile } from "../../kernel/tree/output-file.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { findContainerLayers } from "../layer/container.ts";
import { recordContainerEvent } from "./event.ts";

export interface ExportRequest {
  readonly container: string;
  /** Absolute, or "-". */
  readonly output: string;
  readonly write: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

/** Undefined after a dry run. Throws not-found, unsupported `host-image`, KernelError for the file. */
export function exportContainer(engine: Engine, { container, output, write, signal }: ExportRequest): Exported | undefined {
  const record = findContainer(engine.store, container);
  const { upper, lower } = findContainerLayers(engine, record, ["container", "export", "-o", output, record.id]);
  if (lower[0] === "/") {
    throw new TsnsError("unsupported", "host-image", `the container ${record.name} runs on this machine's own file system`, {
      hint: `its changes alone: tsns layer commit ${record.name}`,
    });
  }
  if (output !== "-") checkWritable(output);
  const layers = upper === undefined ? lower : [upper, ...lower];
  const step = { kind: "tree.export", layers, path: output } as const;
  if (engine.show({ steps: [{ step, because: "what the container's layers show, the uppermost first" }] })) return undefined;
  if (output === "-") {
    const exported = exportTree(layers, write, signal);
    recordContainerEvent(engine, record, "export");
    return exported;
  }
  using file = openOutputFile(output);
  const exported = exportTree(layers, file.write, signal);
  file.commit();
  recordContainerEvent(engine, record, "export");
  return exported;
}
