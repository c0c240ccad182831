// From what people call a set of layers to its directories: one of our containers, one of another engine, a mounted overlay, or an upper
// directory.
import { existsSync, realpathSync, statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { readMountNamespaces, readMountsOf } from "../../kernel/mount/namespace.ts";
import { parseOverlay } from "../../layer/overlay.ts";
import type { MountState } from "../../mount/state.ts";
import { openMountTable } from "../../mount/table.ts";
import { renderOwner } from "../../namespace/owner.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { openOwners } from "../owner.ts";
import { findContainerLayers } from "./container.ts";

export interface Layers {
  /** "container web", "overlay /mnt", "directory /upper". */
  readonly label: string;
  readonly upper?: string;
  /** Uppermost first; empty where it is not known. */
  readonly lower: readonly string[];
  /** Whose mounts cover paths of it: a process, or "self" for a mount of this namespace. */
  readonly mountsOf?: number | "self";
  /** Where it is mounted for them. */
  readonly target?: string;
}

/**
 * `cwd` for relative paths. `again`: the words that repeat this command on a container, for one whose layer has to be mounted first.
 * Throws not-found `no-such-layer`, invalid `no-overlay`.
 */
export function findLayers(engine: Engine, reference: string, cwd: string, again: (id: string) => readonly string[]): Layers {
  if (!/^[./]/.test(reference)) {
    const container = ofOwnContainer(engine, reference, again) ?? ofForeign(engine, reference);
    if (container) return container;
  }
  const path = reference.startsWith("/") ? reference : `${cwd === "/" ? "" : cwd}/${reference}`;
  if (!existsSync(path)) {
    throw new TsnsError("not-found", "no-such-layer", `"${reference}" is no container, mounted overlay or directory`, {
      hint: "tsns layer ls lists overlays, tsns ps containers",
    });
  }
  return ofPath(realpathSync(path), reference);
}

function ofOwnContainer(engine: Engine, reference: string, again: (id: string) => readonly string[]): Layers | undefined {
  if (!hasStore(engine)) return undefined;
  try {
    const record = findContainer(engine.store, reference);
    const { pid, upper, lower } = findContainerLayers(engine, record, again(record.id));
    const label = `container ${record.name}`;
    return { label, lower, ...(upper === undefined ? {} : { upper }), ...(pid > 0 ? { mountsOf: pid, target: "/" } : {}) };
  } catch (error) {
    if (error instanceof TsnsError && error.code === "no-such-container") return undefined;
    throw error;
  }
}

/** A running container of another engine. */
function ofForeign(engine: Engine, reference: string): Layers | undefined {
  const found = openOwners(engine).findContainer(reference);
  if (!found) return undefined;
  const mount = openMountTable(readMountsOf(found.pid) ?? []).mountAt("/");
  const label = `container ${renderOwner(found.owner)}`;
  if (mount?.type !== "overlay") {
    throw new TsnsError("unsupported", "no-overlay", `${label} has no overlay as its root but ${mount?.type ?? "what cannot be seen"}`, {
      hint: "run as root; only overlay has layers",
    });
  }
  return { ...layersOf(mount, label), mountsOf: found.pid, target: "/" };
}

function ofPath(path: string, reference: string): Layers {
  const mounts = readMountsOf("self") ?? [];
  const mount = openMountTable(mounts).mountAt(path);
  if (mount?.type === "overlay") return { ...layersOf(mount, `overlay ${path}`), mountsOf: "self", target: path };
  if (!statSync(path).isDirectory()) {
    throw new TsnsError("invalid", "no-directory", `${reference} is no directory`, {
      hint: "give an upper directory or where an overlay is mounted",
    });
  }
  const user = readMountNamespaces()
    .flatMap(({ mounts: all }) => all)
    .find((other) => other.type === "overlay" && parseOverlay(other.superOptions).upper === path);
  return { label: `directory ${path}`, upper: path, lower: user ? layersOf(user, "").lower : [] };
}

function layersOf(mount: MountState, label: string): Layers {
  const { lower, data, upper } = parseOverlay(mount.superOptions);
  const all = [...lower, ...data].map(findRelative);
  return { label, lower: all, ...(upper === undefined ? {} : { upper: findRelative(upper) }) };
}

/** Docker and podman mount from within their own directory when the list is long. */
function findRelative(path: string): string {
  if (path.startsWith("/")) return path;
  const homes = ["/var/lib/docker/overlay2", "/var/lib/containers/storage/overlay"];
  return homes.map((home) => `${home}/${path}`).find((candidate) => existsSync(candidate)) ?? path;
}

/** The upper directory, which some commands cannot do without. */
export function requireUpper({ label, upper }: Layers): string {
  if (upper !== undefined) return upper;
  const hint = label.startsWith("container") ? "it has never been started" : "it was mounted without an upper directory";
  throw new TsnsError("invalid", "no-upper", `${label} has no writable layer`, { hint });
}
