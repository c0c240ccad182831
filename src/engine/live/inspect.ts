// What `inspect` tells of one object: read at once, and again when an event tells that something of it has changed.
import { TsnsError } from "../../base/error.ts";
import { inspectContainer } from "../container/inspect.ts";
import type { Engine } from "../engine.ts";
import { inspectImage } from "../image/inspect.ts";
import { inspectNetwork } from "../network/inspect.ts";
import { inspectVolume } from "../volume/list.ts";
import { watchTold } from "./told.ts";

export type InspectedKind = "container" | "image" | "network" | "volume";

export type InspectDocument = Readonly<Record<string, unknown>>;

async function inspect(engine: Engine, kind: InspectedKind, id: string): Promise<InspectDocument | undefined> {
  try {
    switch (kind) {
      case "container":
        return await inspectContainer(engine, id);
      case "image":
        return inspectImage(engine, id);
      case "network":
        return await inspectNetwork(engine, id);
      case "volume":
        return await inspectVolume(engine, id);
    }
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** Undefined while there is none of that id. */
export async function* watchInspect(
  engine: Engine,
  kind: InspectedKind,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<InspectDocument | undefined> {
  for await (const _ of watchTold(engine, { kind, id }, signal)) yield await inspect(engine, kind, id);
}
