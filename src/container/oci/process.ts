// The process part of an OCI configuration, shared by run and exec: who it is, what it may, its environment. Pure.
import { chooseCapabilities } from "../capability.ts";
import type { ContainerSpec } from "../spec.ts";
import { defaultPath } from "./default.ts";
import type { OciConfig, OciProcess } from "./type.ts";

/** The process part, shared by run and exec. `boundingSet` is this host's. */
export function compileProcess(spec: ContainerSpec, boundingSet: bigint): OciProcess {
  const capabilities = chooseCapabilities({ add: spec.capAdd, drop: spec.capDrop, privileged: spec.privileged }, boundingSet);
  return {
    terminal: spec.tty,
    user: { username: spec.user, additionalGroups: spec.groupAdd ?? [] },
    args: [...spec.entrypoint, ...spec.cmd],
    env: environment(spec),
    cwd: spec.workingDirectory || "/",
    capabilities: processCapabilities(capabilities, spec.user),
    noNewPrivileges: spec.noNewPrivileges,
    ...(spec.oomScoreAdj === undefined ? {} : { oomScoreAdj: spec.oomScoreAdj }),
    ...(spec.rlimits
      ? { rlimits: spec.rlimits.map(({ name, soft, hard }) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft, hard })) }
      : {}),
  };
}

/** A process that is not root gets no effective set (docker: "exec as that user drops them"). */
function processCapabilities(names: readonly string[], user: string): OciConfig["process"]["capabilities"] {
  const prefixed = names.map((name) => `CAP_${name}`);
  const root = user === "" || /^(0|root)(:|$)/.test(user);
  return { bounding: prefixed, effective: root ? prefixed : [], permitted: root ? prefixed : [], inheritable: [], ambient: [] };
}

/** Environment in docker's order: PATH, HOSTNAME, TERM, then image and user; a later value replaces an earlier one in its place. */
function environment(spec: ContainerSpec): string[] {
  const result = new Map<string, string>();
  const set = (entry: string) => {
    const at = entry.indexOf("=");
    result.set(at < 0 ? entry : entry.slice(0, at), entry);
  };
  set(defaultPath);
  set(`HOSTNAME=${spec.hostname}`);
  if (spec.tty) set("TERM=xterm");
  for (const entry of spec.env) set(entry);
  return [...result.values()].filter((entry) => entry.includes("="));
}
