// All namespaces of the host with their processes and owners.
import { statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { readStartTime } from "../../kernel/proc/identity.ts";
import { listPids, readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { readRelations } from "../../kernel/proc/namespace-relation.ts";
import { addHeldNamespaces, type ScannedNamespace, scanNamespaces } from "../../kernel/proc/namespace-scan.ts";
import { readUserNames } from "../../kernel/proc/passwd.ts";
import { parseCommandLine } from "../../kernel/proc/process.ts";
import { readProcessFile } from "../../kernel/proc/stat.ts";
import { type NamespaceKind, namespaceKinds } from "../../namespace/spec.ts";
import { type NamespaceNode, type NamespaceRelation, type NamespaceView, planTree } from "../../namespace/view.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { findNamespaces } from "./find.ts";

export interface NamespaceChoice {
  /** None: all eight. */
  readonly kinds?: readonly NamespaceKind[];
  /** Only the namespaces this process is in. */
  readonly pid?: number;
  /** Only those of a container, pid, path, inode or name. */
  readonly reference?: string;
}

/** By inode. Throws what findNamespaces throws, and not-found for a pid that is gone. */
export function listNamespaces(engine: Engine, choice: NamespaceChoice = {}): readonly NamespaceView[] {
  const kinds = choice.kinds && choice.kinds.length > 0 ? choice.kinds : namespaceKinds;
  const wanted = wantedInodes(engine, kinds, choice);
  const pids = listPids();
  const found = scanNamespaces(kinds, pids);
  addHeldNamespaces(found, kinds, pids);
  const views = describe(
    engine,
    [...found.values()].filter(({ inode }) => !wanted || wanted.has(inode)),
  );
  const ancestors = wanted ? [] : missingAncestors(found, kinds);
  return [...views, ...ancestors].sort((one, other) => one.inode - other.inode);
}

function wantedInodes(engine: Engine, kinds: readonly NamespaceKind[], { pid, reference }: NamespaceChoice): Set<number> | undefined {
  if (pid === undefined && reference === undefined) return undefined;
  const lists: ReadonlySet<number>[] = [];
  if (reference !== undefined) lists.push(new Set(findNamespaces(engine, reference).map(({ inode }) => inode)));
  if (pid !== undefined) {
    if (readStartTime(pid) === undefined) {
      throw new TsnsError("not-found", "no-such-process", `there is no process ${pid}`, { hint: "tsns ns ls shows pids that are there" });
    }
    lists.push(new Set(kinds.flatMap((kind) => readNamespaceInode(pid, kind) ?? [])));
  }
  const [first = new Set<number>(), second] = lists;
  return second ? new Set([...first].filter((inode) => second.has(inode))) : new Set(first);
}

/** Only user and pid namespaces have parents; with one of each there is nobody to ask about. */
function missingAncestors(found: ReadonlyMap<number, ScannedNamespace>, kinds: readonly NamespaceKind[]): readonly NamespaceView[] {
  const nested = (["user", "pid"] as const)
    .filter((kind) => kinds.includes(kind))
    .map((kind) => [...found.values()].filter((namespace) => namespace.kind === kind));
  const paths = nested.filter((list) => list.length > 1).flatMap((list) => list.map(({ path }) => path));
  return readRelations(paths)
    .filter(({ kind, inode }) => kinds.includes(kind) && !found.has(inode))
    .map(({ kind, inode }) => ({ kind, inode, processes: 0, pid: 0, uid: -1, user: "", command: "", holder: "child", path: "" }));
}

function readUid(pid: number): number {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? -1;
}

function readCommand(pid: number): string {
  return parseCommandLine(readProcessFile(pid, "cmdline") ?? "").join(" ") || (readProcessFile(pid, "comm") ?? "").trim();
}

function describe(engine: Engine, found: readonly ScannedNamespace[]): readonly NamespaceView[] {
  const owners = openOwners(engine);
  const users = readUserNames();
  const own = new Set(namespaceKinds.map((kind) => readNamespaceInode("self", kind)));
  const processes = new Map<number, { readonly uid: number; readonly command: string }>();
  const processOf = (pid: number) => {
    const known = processes.get(pid) ?? { uid: pid === 0 ? -1 : readUid(pid), command: pid === 0 ? "" : readCommand(pid) };
    processes.set(pid, known);
    return known;
  };
  return found.map((namespace) => {
    const { uid, command } = processOf(namespace.pid);
    const owner = namespace.pid === 0 || own.has(namespace.inode) ? undefined : owners.ofPid(namespace.pid);
    return { ...namespace, uid, user: uid < 0 ? "" : (users.get(uid) ?? `${uid}`), command, ...(owner ? { owner } : {}) };
  });
}

/** Hierarchies of user and pid namespaces, as far as the kernel lets this process see. */
export function readNamespaceTree(
  engine: Engine,
  kinds: readonly ("user" | "pid")[],
): Readonly<Record<"user" | "pid", readonly NamespaceNode[]>> {
  const views = listNamespaces(engine);
  const relations: readonly NamespaceRelation[] = readRelations(views.map(({ path }) => path).filter((path) => path !== ""));
  const treeOf = (kind: "user" | "pid") => (kinds.includes(kind) ? planTree(kind, relations, views) : []);
  return { user: treeOf("user"), pid: treeOf("pid") };
}
