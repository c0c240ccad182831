// Linux capabilities by name and number, and how --cap-add, --cap-drop and --privileged combine.
// Knows nothing of the process that will have them.
import { TsnsError } from "../base/error.ts";
import { capabilityNames } from "../plan/capability.ts";

export { capabilityNames };

/** What docker grants a container by default. */
export const defaultCapabilities: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
];

/** Accepts `net_admin`, `CAP_NET_ADMIN`, `all`; returns the bare upper-case name. Throws invalid for others. */
export function parseCapability(text: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, "");
  if (name === "ALL" || (capabilityNames as readonly string[]).includes(name)) return name;
  throw new TsnsError("invalid", "unknown-capability", `unknown capability "${text}"`, {
    hint: "names are those of capabilities(7), for example NET_ADMIN",
  });
}

export interface CapabilityRequest {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}

/**
 * The names a container gets. `available` is the bounding set of this host as a bit mask: `ALL` and privileged take what
 * is there; a capability asked for by name that is not there is an error.
 */
export function chooseCapabilities(request: CapabilityRequest, available: bigint): readonly string[] {
  const isAvailable = (name: string) => (available & bitOf(name)) !== 0n;
  const all = capabilityNames.filter(isAvailable);
  if (request.privileged) return all;
  const add = request.add.map(parseCapability);
  const drop = request.drop.map(parseCapability);
  for (const name of add) {
    if (name !== "ALL" && !isAvailable(name)) {
      throw new TsnsError("unsupported", "capability-missing", `--cap-add ${name}: this host's own bounding set lacks it`, {
        hint: "start tsns where capsh --print lists it",
      });
    }
  }
  const chosen = new Set<string>(add.includes("ALL") ? all : drop.includes("ALL") ? [] : defaultCapabilities.filter(isAvailable));
  for (const name of drop) chosen.delete(name);
  for (const name of add) if (name !== "ALL") chosen.add(name);
  return capabilityNames.filter((name) => chosen.has(name));
}

/** Bit mask of a list of names. */
export function capabilityMask(names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | bitOf(name), 0n);
}

function bitOf(name: string): bigint {
  return 1n << BigInt((capabilityNames as readonly string[]).indexOf(name));
}
