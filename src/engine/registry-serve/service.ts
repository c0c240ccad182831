// What the registry's use cases share: the engine on the store they serve, the uploads under way, the clock.
import { statSync } from "node:fs";
import type { ManifestRow } from "../../store/image-content.ts";
import type { Engine } from "../engine.ts";
import { openUploads, type Uploads } from "./upload.ts";

export interface RegistryService extends Disposable {
  readonly engine: Engine;
  readonly uploads: Uploads;
  /** Manifests being made, by image id: several that ask for one wait for the same. */
  readonly making: Map<string, Promise<ManifestRow>>;
  nowMs(): number;
  /** Before each request: a store that was taken away meanwhile (system reset) is opened anew. */
  renew(): void;
}

export interface ServiceOptions {
  readonly nowMs?: () => number;
  /** Uploads that may be under way at once. */
  readonly uploadsMax?: number;
  /** An upload that nobody goes on with is given up after this time. */
  readonly uploadIdleMs?: number;
}

/** Opens the service; disposing it drops unfinished uploads. */
export function openService(engine: Engine, options: ServiceOptions = {}): RegistryService {
  const nowMs = options.nowMs ?? Date.now;
  const uploads = openUploads(engine.root, { max: options.uploadsMax ?? 256, idleMs: options.uploadIdleMs ?? 3_600_000, nowMs });
  let opened = storeOf(engine);
  const renew = () => {
    const now = storeOf(engine);
    if (opened !== undefined && now !== opened) engine[Symbol.dispose]();
    // one that only reads makes none, it waits for another command to do so
    if (now === undefined) void engine.store;
    opened = storeOf(engine);
  };
  return { engine, uploads, making: new Map(), nowMs, renew, [Symbol.dispose]: () => uploads[Symbol.dispose]() };
}

/** Which file the store is; undefined where there is none. Held open, its number is not given to another. */
function storeOf(engine: Engine): number | undefined {
  return statSync(`${engine.root}/store.db`, { throwIfNoEntry: false })?.ino;
}
