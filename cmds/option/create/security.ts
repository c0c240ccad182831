// Options on what the processes of a container may do: capabilities, privileges, security options, a read-only root.
import { parseCapability } from "../../../src/container/capability.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const securityOptions = {
  "cap-add": { type: "list", describe: "Add Linux capabilities" },
  "cap-drop": { type: "list", describe: "Drop Linux capabilities" },
  privileged: { type: "boolean", describe: "Give extended privileges to the container" },
  "read-only": { type: "boolean", describe: "Mount the container's root file system read only" },
  "security-opt": { type: "list", describe: "Security options: no-new-privileges" },
} as const satisfies OptionTable;

export function parseSecurity({ read }: CreatePart, values: ValuesOf<typeof securityOptions>) {
  for (const name of [...(values["cap-add"] ?? []), ...(values["cap-drop"] ?? [])]) read(() => void parseCapability(name), undefined);
  return {
    privileged: values.privileged ?? false,
    noNewPrivileges: read(() => parseSecurityOptions(values["security-opt"]), false),
    readOnlyRoot: values["read-only"] ?? false,
    capAdd: values["cap-add"] ?? [],
    capDrop: values["cap-drop"] ?? [],
  } satisfies Partial<CreateRequest>;
}

function parseSecurityOptions(options: readonly string[] | undefined): boolean {
  let noNewPrivileges = false;
  for (const option of options ?? []) {
    const match = /^no-new-privileges(?:[:=](true|false))?$/.exec(option);
    if (!match) throw badOption(`--security-opt: "${option}" is not supported`, "use no-new-privileges");
    noNewPrivileges = match[1] !== "false";
  }
  return noNewPrivileges;
}
