// Names inside a container: which containers have them, and what the monitor is told so that queries reach the name server of the data
// root. Knows neither DNS nor the server.
import type { ContainerRecord } from "../../container/record.ts";
import { defaultNetwork } from "../../network/name.ts";
import type { Operation } from "../../plan/operation.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";

/** Whether a container on these networks (by name) has names: on the default bridge alone there are none, as docker has it. */
export const hasNames = (networks: readonly string[]): boolean => networks.some((network) => network !== defaultNetwork);

/** What the monitor of a start is told; nothing where the networks (by name) have no names. */
export function planNames(_engine: Engine, _record: ContainerRecord, _networks: readonly string[]): Operation[] {
  return [];
}

/**
 * The steps by which a running container gets names, for the plan that brings it to its first network with names. Nothing happens where it
 * has them.
 */
export function enableNames(_engine: Engine, _record: ContainerRecord): PlannedStep[] {
  return [];
}
