// The filter of system calls, and who answers for it where it asks (runtime-spec 1.2, config-linux.md, Seccomp). Pure.
import type { SeccompFilter } from "../../container/seccomp/filter.ts";
import type { Operation } from "../../plan/operation.ts";
import { type RuntimeConfig, specVersion } from "../config/type.ts";
import type { RuntimeState } from "../record.ts";
import { descriptorOf } from "./descriptor.ts";
import { hookState, type Told } from "./hook.ts";

/** The listener is connected while its path can be reached. */
export const listenerOperations = ({ linux: { seccomp } }: Pick<RuntimeConfig, "linux">): Operation[] =>
  seccomp?.listenerPath === undefined ? [] : [["connect", descriptorOf("listener"), seccomp.listenerPath]];

/**
 * Sets the filter; the descriptor of one that asks goes to the listener with the state of the container (ContainerProcessState). `running`:
 * the state of one that this process enters; absent, the process is the container's own.
 */
export function seccompOperations(
  { linux: { seccomp } }: Pick<RuntimeConfig, "linux">,
  filter: SeccompFilter,
  told: Told,
  running?: RuntimeState,
): Operation[] {
  if (seccomp?.listenerPath === undefined) return [["seccomp", filter.hex, `${filter.flags}`, "last"]];
  const [before, after] = hookState(told, "creating");
  const head = `${JSON.stringify({ ociVersion: specVersion, fds: ["seccompFd"] }).slice(0, -1)},"pid":`;
  const middle = `,"metadata":${JSON.stringify(seccomp.listenerMetadata)},"state":`;
  // What stands between two parts is the number of the process.
  const parts = running ? [head, `${middle}${JSON.stringify(running)}}`] : [head, `${middle}${before}`, `${after}}`];
  return [["seccomp-notify", filter.hex, `${filter.flags}`, descriptorOf("listener"), ...parts]];
}
