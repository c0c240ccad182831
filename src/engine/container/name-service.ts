// Names inside a container: which containers have them, and what the monitor is told so that queries reach the name server of the data
// root. Knows neither DNS nor the server.
import type { ContainerRecord } from "../../container/record.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import { defaultNetwork } from "../../network/name.ts";
import { nameRules, relayPort } from "../../network/name-relay.ts";
import type { Operation } from "../../plan/operation.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { FileWrite } from "../../plan/step/file.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { guestsOf } from "./guest.ts";
import { resolvConfOf } from "./resolv-conf.ts";

/** Whether a container on these networks (by name) has names: on the default bridge alone there are none, as docker has it. */
export const hasNames = (networks: readonly string[]): boolean => networks.some((network) => network !== defaultNetwork);

/** What the monitor of a start is told; nothing where the networks (by name) have no names. */
export function planNames(engine: Engine, record: ContainerRecord, networks: readonly string[]): Operation[] {
  return hasNames(networks) ? [relayOperation(engine, record.id)] : [];
}

/**
 * The steps by which a running container gets names, for the plan that brings it to its first network with names. Nothing happens where it
 * has them; a resolv.conf that is no longer what its start made of it stays.
 */
export function enableNames(engine: Engine, record: ContainerRecord): PlannedStep[] {
  const { path } = containerDirectory(engine.root, record.id);
  return [
    {
      step: { kind: "names.enable", directory: path, operation: relayOperation(engine, record.id) },
      because: "its monitor passes what the container asks on to the name server",
    },
    ...[record, ...guestsOf(engine, record)].flatMap((reader) => resolvConfSteps(engine, record, reader)),
  ];
}

/** The server's words after the command keep its own start short; the socket is where src/engine/name/seat.ts has it. */
function relayOperation({ root }: Engine, id: string): Operation {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const server = [launcherProgram, "dns", "serve", "--root", root];
  return ["name-relay", id, `${root}/names/socket`, `${relayPort}`, hex(nameRules(true)), hex(nameRules(false)), ...server];
}

/** In place: the file is bound into the container. */
function resolvConfSteps(engine: Engine, record: ContainerRecord, reader: ContainerRecord): PlannedStep[] {
  const { userNamespace } = reader.spec;
  const path = `${containerDirectory(engine.root, reader.id).path}/resolv.conf`;
  const old = resolvConfOf(record.spec, false);
  if (readTextIfThere(path) !== old) return [];
  const write = (text: string): FileWrite => ({
    kind: "file.write",
    path,
    text,
    mode: 0o644,
    ...(userNamespace ? { owner: { uid: userNamespace.uid, gid: userNamespace.gid } } : {}),
  });
  return [{ step: write(resolvConfOf(record.spec, true)), because: "the container asks its name server", undo: write(old) }];
}
