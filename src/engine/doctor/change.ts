// Changes of several steps (links, addresses, bridge ports, cgroups, mounts of other namespaces) whose command was killed between them,
// and mounts of this host whose command was killed before it had mounted. What was made is taken back.
import { KernelError } from "../../base/error.ts";
import { readMountNamespaces } from "../../kernel/mount/namespace.ts";
import { findNetworkPlaces } from "../../kernel/network/link-peer.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import { readStartTime } from "../../kernel/proc/identity.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import type { Step } from "../../plan/step.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import { type ChangeMaker, changePrefix, isAtWork, parseChangeOwner } from "../change-journal.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { mountPrefix } from "../mount/apply.ts";
import type { Finder, Finding } from "./finding.ts";

/** What says that the object of an undo step has gone by itself. */
const goneErrnos = ["ENODEV", "ENOENT", "ESRCH", "EADDRNOTAVAIL"];

async function undoWhatIsThere(engine: Engine, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    try {
      await engine.apply({ steps: [{ step, because: "undo" }] });
    } catch (error) {
      if (!(error instanceof KernelError && goneErrnos.includes(error.errno))) throw error;
    }
  }
}

/** Where a namespace of the journal is today: "" for this process's own, a file for another one, undefined when it is gone. */
type Whereabouts = (recorded: string | undefined, kind: "net" | "mnt") => string | undefined;

function whereaboutsOf(maker: ChangeMaker): Whereabouts {
  const files = new Map<string, ReadonlyMap<number, string>>();
  const read = (kind: "net" | "mnt"): ReadonlyMap<number, string> => {
    if (kind === "net") return new Map(findNetworkPlaces().map(({ inode, path }) => [inode, path]));
    const own = readNamespaceInode("self", "mnt");
    return new Map(readMountNamespaces().map(({ inode, pids }) => [inode, inode === own ? "" : `/proc/${pids[0]}/ns/mnt`]));
  };
  return (recorded, kind) => {
    const known = files.get(kind) ?? read(kind);
    files.set(kind, known);
    return known.get(maker.namespaces[recorded ?? kind] ?? 0);
  };
}

const netKinds: ReadonlySet<Step["kind"]> = new Set([
  ...(["bridge.create", "bridge.set", "port.set", "link.set", "link.move", "link.remove"] as const),
  ...(["address.add", "address.remove", "route.add", "route.remove"] as const),
]);

/** The step for the namespaces as they are to be found now; undefined when there is nothing to undo any more. */
function relocate(step: Step, find: Whereabouts): Step | undefined {
  if (step.kind === "mount.remove" || step.kind === "mountpoint.remove") {
    const { namespacePath, ...rest } = step;
    const path = find(namespacePath, "mnt");
    return path === undefined ? undefined : path === "" ? rest : { ...rest, namespacePath: path };
  }
  if (!netKinds.has(step.kind)) return step;
  const { namespace, ...rest } = step as Extract<Step, { kind: "link.move" }>;
  const path = find(namespace, "net");
  if (path === undefined) return undefined;
  const placed = { ...rest, ...(path === "" ? {} : { namespace: path }) };
  if (step.kind !== "link.move") return placed as Step;
  const { target, ...move } = placed;
  const goal = find(target, "net");
  return goal === undefined ? undefined : { ...move, ...(goal === "" ? {} : { target: goal }) };
}

/** What is on disk. */
const isLasting = (step: Step): boolean =>
  step.kind === "tree.restore" || (step.kind === "mountpoint.remove" && step.namespacePath === undefined);

/** What of the journal can and must be done. After another boot all of it is gone but mount points and changed trees of the host. */
function repairOf(maker: ChangeMaker, undo: readonly Step[]): readonly Step[] {
  if (maker.boot !== readBootId()) return undo.filter(isLasting);
  const find = whereaboutsOf(maker);
  return undo.flatMap((step) => {
    if (step.kind === "cgroup.join" && readStartTime(step.pid) !== maker.processes[step.pid]) return [];
    return relocate(step, find) ?? [];
  });
}

export const findChanges: Finder = ({ engine, journalOwners }) =>
  journalOwners
    .filter((owner) => owner.startsWith(changePrefix))
    .flatMap((owner): readonly Finding[] => {
      const maker = parseChangeOwner(owner);
      if (isAtWork(maker)) return [];
      const repair = repairOf(maker, readJournal(engine.store, owner) ?? []);
      return [
        {
          kind: "change",
          object: maker.what,
          proof: `its command (pid ${maker.pid}) was killed between its steps`,
          bytes: 0,
          owner: "tsns",
          repair,
          ...(repair.length === 0 ? { command: ": # the store forgets the change" } : {}),
          fix: async () => {
            await undoWhatIsThere(engine, repair);
            deleteJournal(engine.store, owner);
          },
        },
      ];
    });

/** Undo steps of mounts that no namespace has: those of the journal's first ones, as later mounts come first in it. */
function surplusOf(undo: readonly Step[], mounted: number): readonly Step[] {
  const mounts = undo.filter(({ kind }) => kind === "mount.remove").length;
  if (mounted >= mounts) return [];
  if (mounted === 0) return undo;
  let left = mounts - mounted;
  const end = undo.findIndex(({ kind }) => kind === "mount.remove" && left-- === 0);
  return undo.slice(0, end);
}

export const findUnmounted: Finder = ({ engine, journalOwners, isBusy }) => {
  const owners = journalOwners.filter((owner) => owner.startsWith(mountPrefix) && !isBusy(owner));
  if (owners.length === 0) return [];
  // A mount point must not go that another namespace uses: its mount would go with it (rmdir(2), since Linux 3.18).
  const namespaces = readMountNamespaces();
  return owners.flatMap((owner): readonly Finding[] => {
    const target = owner.slice(mountPrefix.length);
    const undo = readJournal(engine.store, owner) ?? [];
    const counts = namespaces.map(({ mounts }) => mounts.filter((mount) => mount.target === target).length);
    const surplus = surplusOf(undo, Math.max(0, ...counts));
    if (surplus.length === 0) return [];
    const repair = surplus.filter(({ kind }) => kind !== "mount.remove");
    const fix = () =>
      withLock(engine, owner, "doctor", async () => {
        await undoWhatIsThere(engine, repair);
        const rest = undo.slice(surplus.length);
        if (rest.length > 0) writeJournal(engine.store, owner, rest);
        else deleteJournal(engine.store, owner);
      });
    const command = repair.length === 0 ? { command: ": # the store forgets the mount" } : {};
    const proof = "the journal has it, but it is not mounted: its command was killed, or something else unmounted it";
    return [{ kind: "mount point", object: target, proof, bytes: 0, owner: "tsns", repair, fix, ...command }];
  });
};
