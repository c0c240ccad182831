// Whom an object of the kernel belongs to, as every listing of the toolkit says it. Values only.

/** Who made it. "other": a process of the host that no engine started. */
export type OwnerEngine = "tsns" | "docker" | "podman" | "libvirt" | "lxc" | "kubernetes" | "systemd" | "other";

export interface Owner {
  readonly engine: OwnerEngine;
  /** Container, unit or machine as people call it; for "other" the command's name. Foreign containers whose name is unknown: 12 digits of the id. */
  readonly name: string;
  /** Container id (64 hex digits) where there is one, else empty. */
  readonly id: string;
  /** A process of it. */
  readonly pid: number;
}

/** "web", "docker:3f2a…", "nginx (pid 812)": for tables. Our own containers need no prefix. */
export function renderOwner({ engine, name, pid }: Owner): string {
  if (engine === "tsns") return name;
  return engine === "other" ? `${name} (pid ${pid})` : `${engine}:${name}`;
}
