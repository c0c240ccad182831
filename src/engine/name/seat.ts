// Who serves the names of a data root: at most one process, by a lock of the store; where it listens. Knows nothing of messages.
import { chmodSync, closeSync, openSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../../kernel/proc/identity.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { ensureDirectory } from "../../store/directory.ts";
import { readHolder } from "../../store/operation-lock.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, tryLock } from "../lock.ts";
import { hasStore } from "../look.ts";

/** Owner of the lock: who has it listens, or is about to. */
export const nameServerLock = "name-server";

/** Below the data root; only root can go in. */
export const nameDirectory = (root: string): string => `${root}/names`;

export const nameSocket = (root: string): string => `${nameDirectory(root)}/socket`;

/** unix(7): a longer name is cut off. */
const mostPathBytes = 107;

export interface Seat extends Disposable {
  /** Where to listen; nothing is there. */
  readonly path: string;
}

/** Takes the seat; undefined: another process has it, or there is nothing to serve. */
export function takeSeat(engine: Engine): Seat | undefined {
  if (!hasStore(engine) || !tryLock(engine, nameServerLock, "dns serve")) return undefined;
  const directory = nameDirectory(engine.root);
  ensureDirectory(directory, 0o700);
  chmodSync(directory, 0o700);
  rmSync(nameSocket(engine.root), { force: true });
  const { path, close } = reachable(engine.root);
  return {
    path,
    [Symbol.dispose]() {
      close();
      if (hasStore(engine)) releaseLock(engine, nameServerLock);
    },
  };
}

/** A name of the socket that is short enough: below a deep data root through the directory held open. */
export function reachable(root: string): { readonly path: string; close(): void } {
  const path = nameSocket(root);
  if (Buffer.byteLength(path) <= mostPathBytes) return { path, close() {} };
  const descriptor = openSync(nameDirectory(root), "r");
  return { path: `/proc/self/fd/${descriptor}/socket`, close: () => closeSync(descriptor) };
}

/** Ends the name server of the data root, if there is one, and waits for that. */
export async function stopNameServer(engine: Engine): Promise<void> {
  const holder = hasStore(engine) ? readHolder(engine.store, nameServerLock) : undefined;
  if (!holder || holder.pid === engine.self.pid || !isRunning(holder)) return;
  sendSignal(holder.pid, "SIGTERM");
  for (let waitedMs = 0; isRunning(holder) && waitedMs < 5_000; waitedMs += 10) await sleep(10);
}

/** Which socket is there; empty: none. Somebody may have died on it. */
export function markOfSocket(root: string): string {
  const stat = statSync(nameSocket(root), { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.ctimeMs}` : "";
}
