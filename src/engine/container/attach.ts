// Joins the streams of a running container: this process becomes the native terminal client.
import { parseDetachKeys } from "../../container/detach-key.ts";
import { attachArguments, becomeHelper, clientArguments } from "../../kernel/sandbox/launch.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";
import { requireAttachable } from "./refusal.ts";

export interface AttachRequest {
  readonly stdin: boolean;
  readonly detachKeys?: string;
  /** false: signals end this client and are not passed on. */
  readonly passSignals?: boolean;
}

/** docker attach. Does not return. Throws conflict when the container does not run. */
export function attachContainer(engine: Engine, reference: string, request: AttachRequest): never {
  const record = findContainer(engine.store, reference);
  requireAttachable(observeContainer(engine, record));
  const detachKeysHex = parseDetachKeys(request.detachKeys ?? record.spec.detachKeys);
  const socket = containerDirectory(engine.root, record.id).attachSocket;
  recordContainerEvent(engine, record, "attach");
  engine.finish();
  const stdin = request.stdin && record.spec.openStdin;
  return becomeHelper([
    ...attachArguments(socket),
    ...clientArguments({ stdin, tty: record.spec.tty, detachKeysHex, passSignals: request.passSignals ?? true }),
  ]);
}
