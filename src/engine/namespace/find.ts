// From what people call a namespace to its file: a container, a pid, a path, an inode, or a name of `tsns ns create` or `ip netns`.
import { existsSync } from "node:fs";
import { KernelError, TsnsError } from "../../base/error.ts";
import { readStartTime } from "../../kernel/proc/identity.ts";
import { listPids, readFirstMembers, readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { readNamespaceDescriptors, readNamespaceFile, readNamespaceMounts } from "../../kernel/proc/namespace-file.ts";
import { addHeldNamespaces, scanNamespaces } from "../../kernel/proc/namespace-scan.ts";
import { maxPid, parseNamespaceName, renderNamespaceName } from "../../namespace/inode.ts";
import { renderOwner } from "../../namespace/owner.ts";
import { iprouteDirectory, isSetName, setDirectory, setFile } from "../../namespace/set.ts";
import { type NamespaceKind, namespaceKinds } from "../../namespace/spec.ts";
import { findContainer } from "../../store/container-record.ts";
import { findEntered } from "../container/begun.ts";
import { observeContainer } from "../container/observe.ts";
import { notRunning } from "../container/refusal.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { openOwners } from "../owner.ts";

export interface NamespaceTarget {
  /** A file that setns(2) takes: /proc/PID/ns/KIND, a bind mount, /proc/PID/fd/N. */
  readonly path: string;
  readonly inode: number;
  /** A process in the namespace, where the reference leads to one. */
  readonly pid?: number;
  /** For messages: "container web", "process 812", "net:[4026532208]". */
  readonly label: string;
}

/**
 * One namespace of the given kind. Throws not-found `no-such-namespace` or `no-such-process`, conflict for a container that does not
 * run or an ambiguous id, invalid for a file that is no namespace or of another kind, denied for what is not ours to see.
 */
export function findNamespace(engine: Engine, kind: NamespaceKind, reference: string): NamespaceTarget {
  if (reference.includes("/")) return ofPath(kind, reference);
  const written = parseNamespaceName(reference);
  if (written) return ofInode(requireKind(kind, written.kind, reference), written.inode);
  const container = ofOwnContainer(engine, kind, reference, true);
  if (container) return container;
  if (/^\d+$/.test(reference)) return Number(reference) > maxPid ? ofInode(kind, Number(reference)) : ofProcess(kind, Number(reference));
  return (
    ofName(kind, reference) ?? ofOwnContainer(engine, kind, reference, false) ?? ofForeign(engine, kind, reference) ?? missing(reference)
  );
}

/** A namespace with its kind. */
export interface KnownNamespace extends NamespaceTarget {
  readonly kind: NamespaceKind;
}

/**
 * Every namespace a reference stands for: all kinds of a container or process, those of a named set, or the one of a path or inode.
 * Throws as findNamespace.
 */
export function findNamespaces(engine: Engine, reference: string): readonly KnownNamespace[] {
  const written = parseNamespaceName(reference);
  const kind = written?.kind ?? (reference.includes("/") ? kindOfPath(reference) : undefined);
  if (kind) return [{ ...findNamespace(engine, kind, reference), kind }];
  if (/^\d+$/.test(reference) && Number(reference) > maxPid) return [ofAnyKind(Number(reference))];
  let refused: unknown;
  const found = namespaceKinds.flatMap((candidate): readonly KnownNamespace[] => {
    try {
      return [{ ...findNamespace(engine, candidate, reference), kind: candidate }];
    } catch (error) {
      refused = error;
      return [];
    }
  });
  if (found.length === 0) throw refused;
  return found;
}

function kindOfPath(path: string): NamespaceKind {
  const file = readNamespaceFile(path);
  if (file?.name) return file.name.kind;
  throw new TsnsError("invalid", "no-namespace-file", `${path} is no namespace file`, { hint: "such as /proc/PID/ns/net" });
}

/** An inode whose kind is not said. */
function ofAnyKind(inode: number): KnownNamespace {
  const pids = listPids();
  const found = scanNamespaces(namespaceKinds, pids);
  if (!found.has(inode)) addHeldNamespaces(found, namespaceKinds, pids);
  const namespace = found.get(inode);
  if (!namespace)
    throw new TsnsError("not-found", "no-such-namespace", `there is no namespace ${inode}`, { hint: "tsns ns ls lists them" });
  const { kind, path, pid, holder } = namespace;
  return { kind, inode, path, label: renderNamespaceName({ kind, inode }), ...(holder === "process" ? { pid } : {}) };
}

function missing(reference: string): never {
  throw new TsnsError("not-found", "no-such-namespace", `"${reference}" is no running container, pid, path, inode or name of a namespace`, {
    hint: "tsns ns ls lists namespaces, tsns ps containers",
  });
}

function requireKind(wanted: NamespaceKind, found: NamespaceKind, reference: string): NamespaceKind {
  if (wanted === found) return wanted;
  throw new TsnsError("invalid", "wrong-namespace-kind", `${reference} is a ${found} namespace, not a ${wanted} namespace`, {
    hint: `give one of kind ${wanted}, or a container or pid`,
  });
}

function ofPath(kind: NamespaceKind, path: string): NamespaceTarget {
  const file = readNamespaceFile(path);
  if (!file) throw new TsnsError("invalid", "no-namespace-file", `${path} is no namespace file`, { hint: "such as /proc/PID/ns/net" });
  if (file.name) requireKind(kind, file.name.kind, path);
  const pid = /^\/proc\/(\d+)\/ns\/\w+$/.exec(path)?.[1];
  return { path, inode: file.inode, label: path, ...(pid === undefined ? {} : { pid: Number(pid) }) };
}

/** The namespace of one process. */
function ofProcess(kind: NamespaceKind, pid: number, label = `process ${pid}`): NamespaceTarget {
  const inode = readNamespaceInode(pid, kind);
  if (inode !== undefined) return { path: `/proc/${pid}/ns/${kind}`, inode, pid, label };
  if (readStartTime(pid) === undefined) {
    throw new TsnsError("not-found", "no-such-process", `there is no process ${pid}`, { hint: "tsns ns ls lists pids that are there" });
  }
  throw new KernelError("readlink", "EACCES", `/proc/${pid}/ns/${kind}`, {
    message: `the namespaces of process ${pid} are not yours to see`,
    // ptrace(2), PTRACE_MODE_READ: root needs CAP_SYS_PTRACE, and a security module may refuse even then.
    hint:
      process.geteuid?.() === 0 ? "refused to root too: CAP_SYS_PTRACE is missing here, or a security module forbids it" : "run as root",
  });
}

/** By a process in it, a bind mount or an open descriptor, in this order. */
function ofInode(kind: NamespaceKind, inode: number): NamespaceTarget {
  const label = renderNamespaceName({ kind, inode });
  const pids = listPids();
  const pid = readFirstMembers(kind, pids).get(inode);
  if (pid !== undefined) return { path: `/proc/${pid}/ns/${kind}`, inode, pid, label };
  const mount = readNamespaceMounts().find((candidate) => candidate.inode === inode && candidate.kind === kind);
  if (mount) return { path: mount.target, inode, label };
  for (const holder of pids) {
    const open = readNamespaceDescriptors(holder).find((candidate) => candidate.inode === inode && candidate.kind === kind);
    if (open) return { path: `/proc/${holder}/fd/${open.fd}`, inode, label };
  }
  throw new TsnsError("not-found", "no-such-namespace", `there is no ${kind} namespace ${inode}`, {
    hint: `tsns ns ls -t ${kind} lists them`,
  });
}

function ofName(kind: NamespaceKind, name: string): NamespaceTarget | undefined {
  if (!isSetName(name)) return undefined;
  const path = setFile(name, kind);
  if (existsSync(path)) return { ...ofPath(kind, path), label: `namespace ${name}` };
  if (existsSync(setDirectory(name))) {
    throw new TsnsError("not-found", "no-such-namespace", `${name} has no ${kind} namespace`, {
      hint: `tsns ns create ${name} --${kind} makes one`,
    });
  }
  const netns = `${iprouteDirectory}/${name}`;
  return kind === "net" && existsSync(netns) ? { ...ofPath(kind, netns), label: `namespace ${name}` } : undefined;
}

/** By exact name or full id, else by a unique prefix of the id. */
function ofOwnContainer(engine: Engine, kind: NamespaceKind, reference: string, exact: boolean): NamespaceTarget | undefined {
  if (!hasStore(engine)) return undefined;
  try {
    const record = findContainer(engine.store, reference);
    if (exact && record.id !== reference && record.name !== reference) return undefined;
    const { status, pid } = observeContainer(engine, findEntered(engine, record.id));
    if (status !== "running") throw notRunning(record);
    return ofProcess(kind, pid, `container ${record.name}`);
  } catch (error) {
    if (error instanceof TsnsError && error.code === "no-such-container") return undefined;
    if (exact && error instanceof TsnsError && error.code === "ambiguous-id") return undefined;
    throw error;
  }
}

/** A running container of another engine. */
function ofForeign(engine: Engine, kind: NamespaceKind, reference: string): NamespaceTarget | undefined {
  const found = openOwners(engine).findContainer(reference);
  return found && ofProcess(kind, found.pid, `container ${renderOwner(found.owner)}`);
}
