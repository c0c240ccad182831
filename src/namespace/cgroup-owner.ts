// Whom a process belongs to by the names of its cgroups: every engine writes its containers' ids there. Pure; which name an id
// has is known elsewhere.
import type { OwnerEngine } from "./owner.ts";

export interface CgroupOwner {
  readonly engine: OwnerEngine;
  /** 64 hex digits, or empty. */
  readonly id: string;
  /** Unit, machine or container; empty when only the id is known. */
  readonly name: string;
}

/** Directory names that hold a container's id, with and without systemd's decoration. */
const idPatterns: readonly (readonly [RegExp, OwnerEngine])[] = [
  [/^tsns-([0-9a-f]{64})$/, "tsns"],
  [/^docker-([0-9a-f]{64})\.scope$/, "docker"],
  [/^libpod-(?:conmon-)?([0-9a-f]{64})(?:\.scope)?$/, "podman"],
  [/^(?:cri-containerd|crio|crio-conmon|docker)-([0-9a-f]{64})(?:\.scope)?$/, "kubernetes"],
];

const bareId = /^[0-9a-f]{64}$/;

/** Undoes systemd's escaping of unit names (systemd-escape(1)): `\x2d` is a dash. */
export function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Machines as systemd-machined and libvirt name them: machine-qemu\x2d3\x2dNAME.scope, machine-NAME.scope, systemd-nspawn@NAME.service. */
function parseMachine(part: string): CgroupOwner | undefined {
  const match = /^machine-(.+)\.scope$/.exec(part);
  if (match) {
    const name = unescapeUnit(match[1] ?? "");
    const guest = /^(?:qemu|lxc|xen)-\d+-(.+)$/.exec(name);
    return guest ? { engine: "libvirt", id: "", name: guest[1] ?? "" } : { engine: "systemd", id: "", name };
  }
  const nspawn = /^systemd-nspawn@(.+)\.service$/.exec(part);
  return nspawn ? { engine: "systemd", id: "", name: unescapeUnit(nspawn[1] ?? "") } : undefined;
}

/** A container or machine in one path; an inner one (docker in kubernetes) wins. */
function parseContainer(parts: readonly string[]): CgroupOwner | undefined {
  for (let at = parts.length - 1; at >= 0; at--) {
    const part = parts[at] ?? "";
    const before = parts[at - 1] ?? "";
    const inPod = parts.slice(0, at).some((parent) => parent.startsWith("kubepods"));
    for (const [pattern, engine] of idPatterns) {
      const id = pattern.exec(part)?.[1];
      if (id !== undefined) return { engine: inPod ? "kubernetes" : engine, id, name: "" };
    }
    if (bareId.test(part)) {
      if (inPod) return { engine: "kubernetes", id: part, name: "" };
      if (before === "docker") return { engine: "docker", id: part, name: "" };
      if (before.startsWith("libpod")) return { engine: "podman", id: part, name: "" };
    }
    const lxc = /^lxc\.(?:payload|monitor)\.(.+)$/.exec(part)?.[1] ?? (/^lxc(\.payload|\.monitor)?$/.test(before) ? part : undefined);
    if (lxc) return { engine: "lxc", id: "", name: lxc };
    const machine = parseMachine(part);
    if (machine) return machine;
  }
  return undefined;
}

/** The innermost service of systemd. Sessions are people, not units: their processes stand for themselves. */
function parseUnit(parts: readonly string[]): CgroupOwner | undefined {
  const unit = parts.findLast((part) => /\.service$/.test(part) && !/^user@\d+\.service$/.test(part));
  return unit ? { engine: "systemd", id: "", name: unescapeUnit(unit) } : undefined;
}

/** The owner in one path of /proc/PID/cgroup; undefined when no engine has marked it. */
export function parseCgroupOwner(path: string): CgroupOwner | undefined {
  const parts = path.split("/");
  return parseContainer(parts) ?? parseUnit(parts);
}

/** One hierarchy's line of /proc/PID/cgroup (cgroups(7)). */
export interface CgroupMembership {
  /** 0 for cgroup v2. */
  readonly hierarchy: number;
  /** Controllers of v1, or `name=...`; none for v2. */
  readonly controllers: readonly string[];
  /** As seen from the reader's cgroup namespace: may begin with `/..`. */
  readonly path: string;
}

/** Parses /proc/PID/cgroup. */
export function parseCgroupMemberships(text: string): readonly CgroupMembership[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/s.exec(line);
    if (!match) return [];
    const controllers = (match[2] ?? "").split(",").filter((name) => name !== "");
    return [{ hierarchy: Number(match[1]), controllers, path: match[3] ?? "/" }];
  });
}

/** The owner that any hierarchy names; a container in one counts more than a unit in another. */
export function ownerOfMemberships(memberships: readonly CgroupMembership[]): CgroupOwner | undefined {
  // All hierarchies usually say the same: each path is looked at once.
  const paths = [...new Set(memberships.map(({ path }) => path))].map((path) => path.split("/"));
  for (const parts of paths) {
    const container = parseContainer(parts);
    if (container) return container;
  }
  for (const parts of paths) {
    const unit = parseUnit(parts);
    if (unit) return unit;
  }
  return undefined;
}
