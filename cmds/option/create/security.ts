// Options on what the processes of a container may do: capabilities, privileges, security options, a read-only root.
import { parseCapability } from "../../../src/container/capability.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import type { CreatePart } from "./part.ts";
import { parseSecurityOptions } from "./security-opt.ts";

export const securityOptions = {
  "cap-add": { type: "list", describe: "Add Linux capabilities" },
  "cap-drop": { type: "list", describe: "Drop Linux capabilities" },
  privileged: { type: "boolean", describe: "Give extended privileges to the container" },
  "read-only": { type: "boolean", describe: "Mount the container's root file system read only" },
  "security-opt": {
    type: "list",
    describe: "Security options: no-new-privileges, seccomp=, apparmor=, systempaths=unconfined, spoofing=allowed, label=disable",
  },
} as const satisfies OptionTable;

export function parseSecurity(part: CreatePart, values: ValuesOf<typeof securityOptions>) {
  for (const name of [...(values["cap-add"] ?? []), ...(values["cap-drop"] ?? [])]) part.read(() => void parseCapability(name), undefined);
  return {
    privileged: values.privileged ?? false,
    ...parseSecurityOptions(part, values["security-opt"]),
    readOnlyRoot: values["read-only"] ?? false,
    capAdd: values["cap-add"] ?? [],
    capDrop: values["cap-drop"] ?? [],
  } satisfies Partial<CreateRequest>;
}
