// The file system of a container that does not run, mounted for a look in or a change: operations of the native helper, up to a program that only
// waits. Pure.
import { CLONE, type Operation, type OperationList } from "../plan/operation.ts";
import type { OciConfig } from "./oci/type.ts";
import { mappedRootOperations, rootOperations, type SandboxInput, upperImageOperations } from "./sandbox.ts";
import { planMounts } from "./sandbox-mount.ts";

const programDescriptor = "150";

/** The root with its binds and volumes at `config.root.path` of a mount namespace of its own; no /proc, /dev and no tmpfs, as docker has it. */
export function planTree(
  config: OciConfig,
  input: Pick<SandboxInput, "overlay" | "upperImage" | "mapped">,
  program: string,
): OperationList {
  const isBind = (options: readonly string[]) => options.includes("bind") || options.includes("rbind");
  const mounts = planMounts({ ...config, mounts: config.mounts.filter((mount) => isBind(mount.options)) }, input.mapped !== undefined);
  return {
    monitor: [
      ["stdio", "pipe"],
      ["stdin", "once"],
      ...(input.upperImage ? upperImageOperations(input.upperImage.file, input.upperImage.target) : []),
      ...mounts.monitor,
      ...(input.mapped ? mappedRootOperations(config, input, input.mapped) : []),
      ["open", programDescriptor, program],
      ["clone", `${CLONE.NEWNS}`],
    ],
    // inside a user namespace the program's path may be closed to init, not the open file
    init: [...rootOperations(config, input), ...mounts.init, ["exec", `/proc/self/fd/${programDescriptor}`] satisfies Operation],
  };
}
