// The last questions of containers, from the memory of the running name server; followed also across its end and next start.
import type { AskedView } from "../../name/log.ts";
import { findContainer, listContainerRecords } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { askServer, serverChanged } from "./client.ts";
import { markOfSocket } from "./seat.ts";

export interface LogRequest {
  /** Name, id or the start of one; absent: all. */
  readonly container?: string;
  /** Absent: all that are remembered. */
  readonly tail?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** `lost` of them were not read in time. */
export type LogLine = { readonly asked: AskedView; readonly containerName: string } | { readonly lost: number };

/** False: no server runs, so that nothing is remembered. Throws not-found. */
export async function readNameLog(engine: Engine, request: LogRequest, onLine: (line: LogLine) => void): Promise<boolean> {
  const { follow, signal } = request;
  const container = request.container === undefined ? undefined : findContainer(engine.store, request.container).id;
  const nameOf = openNames(engine);
  const take = (text: string) => {
    const value = JSON.parse(text) as AskedView & { readonly lost?: number };
    onLine(value.lost === undefined ? { asked: value, containerName: nameOf(value.container) } : { lost: value.lost });
  };
  let seen = "";
  const ask = (tail: number | undefined) => {
    seen = markOfSocket(engine.root);
    return askServer(engine.root, { ask: "log", follow, tail, container }, take, signal);
  };
  const found = await ask(request.tail);
  while (follow && !signal.aborted) {
    await serverChanged(engine.root, () => !["", seen].includes(markOfSocket(engine.root)), signal);
    if (!signal.aborted) await ask(undefined);
  }
  return found || follow;
}

/** Names of containers; the short id of one that is gone. */
function openNames(engine: Engine): (id: string) => string {
  const names = new Map<string, string>();
  return (id) => {
    if (!names.has(id)) for (const record of listContainerRecords(engine.store)) names.set(record.id, record.name);
    return names.get(id) ?? id.slice(0, 12);
  };
}
