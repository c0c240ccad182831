// What happens to containers, images, volumes and networks, for `tsns events`: one line of JSON each in the data root's file `events`,
// in the shape of docker's API (system event stream). A monitor adds its lines to the same file.
import { appendFileSync, renameSync, statSync } from "node:fs";
import { isErrno } from "../base/error.ts";
import type { Engine } from "./engine.ts";

export interface EngineEvent {
  readonly type: "container" | "image" | "volume" | "network";
  /** docker's word: create, start, die, mount ... */
  readonly action: string;
  /** Of the object: an id, or a volume's name. */
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Above this size the file is put aside as `events.1`, in place of the one before. */
const eventFileMaxBytes = 1 << 20;

export const eventFile = (root: string): string => `${root}/events`;

/** Adds one event. Events are not worth a failure: on a full disk one is lost. */
export function recordEvent(engine: Engine, { type, action, id, attributes = {} }: EngineEvent): void {
  const path = eventFile(engine.root);
  const nowMs = Date.now();
  const event = {
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Math.floor(nowMs / 1000),
    timeNano: `${nowMs}000000`,
  };
  // A number of nanoseconds does not fit a double: written as the digits it has.
  const line = JSON.stringify(event).replace(/"timeNano":"(\d+)"/, '"timeNano":$1');
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > eventFileMaxBytes) renameSync(path, `${path}.1`);
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT", "ENOENT")) throw error;
  }
}
