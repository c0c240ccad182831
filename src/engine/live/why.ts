// Why a container ended, or what slows one that runs down: at once, after each event of it, and from time to time while it runs.
import { TsnsError } from "../../base/error.ts";
import type { Claim } from "../../container/why/claim.ts";
import type { Engine } from "../engine.ts";
import { type WhyDeath, whyContainer } from "../why/death.ts";
import { whySlow } from "../why/slow.ts";
import { watchTold } from "./told.ts";

export interface LiveWhy {
  readonly death: WhyDeath;
  /** Of one that runs; empty where nothing is known. */
  readonly slow: readonly Claim[];
}

/** Counters go on. */
const everyMs = 5000;

async function read(engine: Engine, id: string): Promise<LiveWhy | undefined> {
  try {
    const death = await whyContainer(engine, id);
    return { death, slow: death.isLive ? await slowOf(engine, id) : [] };
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** It may end between two questions. */
async function slowOf(engine: Engine, id: string): Promise<readonly Claim[]> {
  try {
    return await whySlow(engine, id);
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "conflict") return [];
    throw error;
  }
}

/** Undefined while there is no such container. */
export async function* watchWhy(engine: Engine, id: string, signal: AbortSignal): AsyncGenerator<LiveWhy | undefined> {
  for await (const _ of watchTold(engine, { kind: "container", id }, signal, everyMs)) yield await read(engine, id);
}
