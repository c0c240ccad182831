// Use case: the registry opened on the store of an engine. A registry that takes uploads makes the store if there is none; one that only reads
// makes nothing.

import { forgetUnusedBlobs } from "../../store/repository.ts";
import { type Engine, openEngine } from "../engine.ts";
import { sweepTemporaries } from "../image/commit.ts";
import { openService, type RegistryService, type ServiceOptions } from "./service.ts";

export interface OpenOptions extends ServiceOptions {
  readonly readOnly: boolean;
}

/** Disposing it drops unfinished uploads. */
export function openRegistry(engine: Engine, options: OpenOptions): RegistryService {
  if (options.readOnly) return openService(engine, options);
  const writing = openEngine(engine.root, { note: (text) => engine.warn(text) });
  // opened now: without privilege that says so before anybody connects
  forgetUnusedBlobs(writing.store, Date.now());
  sweepTemporaries(writing);
  return openService(writing, options);
}
