// Whom an object of the kernel belongs to, as every listing of the toolkit says it, and whom a word of a user means. Values only.
import { TsnsError } from "../base/error.ts";

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

/**
 * What a word means among things with owners: a name, `docker:NAME`, else at least 4 digits of an id. Our own goes before others.
 * Throws conflict `ambiguous-name` when several of other engines are meant.
 */
export function findOwned<T extends { readonly owner: Owner }>(all: readonly T[], reference: string): T | undefined {
  const named = all.filter(({ owner }) => owner.name === reference || renderOwner(owner) === reference);
  const isId = named.length === 0 && /^[0-9a-f]{4,64}$/.test(reference);
  const meant = isId ? all.filter(({ owner }) => owner.id.startsWith(reference)) : named;
  const [first] = meant;
  const own = meant.find(({ owner }) => owner.engine === "tsns");
  if (own || meant.length < 2) return own ?? first;
  const names = meant.map(({ owner }) => renderOwner(owner)).join(", ");
  throw new TsnsError("conflict", "ambiguous-name", `${reference} may be ${names}`, { hint: "write it with its engine, or give a pid" });
}
