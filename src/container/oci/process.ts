// The process part of an OCI configuration, shared by run and exec: who it is, what it may, its environment. Pure.
import { chooseCapabilities } from "../capability.ts";
import type { SecuritySettings } from "../spec/security.ts";
import type { ContainerSpec } from "../spec.ts";
import { defaultPath } from "./default.ts";
import type { OciConfig, OciProcess } from "./type.ts";

/** The process part, shared by run and exec. `boundingSet` is this host's. */
export function compileProcess(spec: ContainerSpec, boundingSet: bigint): OciProcess {
  return {
    terminal: spec.tty,
    user: { username: spec.user, additionalGroups: spec.groupAdd ?? [] },
    args: [...spec.entrypoint, ...spec.cmd],
    env: environment(spec),
    cwd: spec.workingDirectory || "/",
    capabilities: processCapabilities(boundingCapabilities(spec, boundingSet), spec.user),
    noNewPrivileges: spec.noNewPrivileges,
    ...(spec.oomScoreAdj === undefined ? {} : { oomScoreAdj: spec.oomScoreAdj }),
    ...(spec.rlimits
      ? { rlimits: spec.rlimits.map(({ name, soft, hard }) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft, hard })) }
      : {}),
  };
}

/** What no process of the container may ever have more than, as CAP_NAME. `boundingSet` is this host's. */
export function boundingCapabilities(spec: SecuritySettings, boundingSet: bigint): readonly string[] {
  return chooseCapabilities({ add: spec.capAdd, drop: spec.capDrop, privileged: spec.privileged }, boundingSet).map(
    (name) => `CAP_${name}`,
  );
}

/** A process that is not root gets no effective set (docker: "exec as that user drops them"). */
function processCapabilities(bounding: readonly string[], user: string): OciConfig["process"]["capabilities"] {
  const root = user === "" || /^(0|root)(:|$)/.test(user);
  return { bounding, effective: root ? bounding : [], permitted: root ? bounding : [], inheritable: [], ambient: [] };
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
