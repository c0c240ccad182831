// Options on what becomes of a container when its command ends.
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import type { CreatePart } from "./part.ts";

export const keepOptions = {
  rm: { type: "boolean", describe: "Remove the container when it exits" },
} as const satisfies OptionTable;

export function parseKeep(_part: CreatePart, values: ValuesOf<typeof keepOptions>) {
  return { autoRemove: values.rm ?? false } satisfies Partial<CreateRequest>;
}
