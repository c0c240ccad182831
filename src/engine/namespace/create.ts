// Named sets of namespaces that stay, and commands in new namespaces.
import { existsSync } from "node:fs";
import { KernelError, TsnsError } from "../../base/error.ts";
import { becomeInside } from "../../kernel/proc/enter.ts";
import { readHolder, readResidents } from "../../kernel/proc/namespace-holder.ts";
import { type IdExtent, renderIdMap } from "../../namespace/id-map.ts";
import { iprouteDirectory, isSetName, setDirectory, setFile, setsDirectory } from "../../namespace/set.ts";
import { type NamespaceKind, namespaceFlags, namespaceKinds } from "../../namespace/spec.ts";
import { type Plan, undoOf } from "../../plan/plan.ts";
import type { NamespaceRun } from "../../plan/step/namespace.ts";
import { deleteJournal, writeJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { hasStore } from "../look.ts";
import { takeBack } from "../undo.ts";
import { requireNamespacePrivilege } from "./privilege.ts";

export interface SetRequest {
  readonly kinds: readonly NamespaceKind[];
  readonly uidMap: readonly IdExtent[];
  readonly gidMap: readonly IdExtent[];
}

/** Owner of a set's undo steps in the journal. */
export const journalPrefix = "namespace:";
const journalOwner = (name: string): string => `${journalPrefix}${name}`;

function validate({ kinds, uidMap, gidMap }: SetRequest): void {
  if (kinds.length === 0) {
    throw new TsnsError("invalid", "no-namespace-kind", "no kind of namespace is chosen", {
      hint: `give some of ${namespaceKinds.map((kind) => `--${kind}`).join(" ")}`,
      exitCode: 2,
    });
  }
  if (!kinds.includes("user") && uidMap.length + gidMap.length > 0) {
    throw new TsnsError("invalid", "map-without-user", "ids can only be mapped in a new user namespace", {
      hint: "add --user",
      exitCode: 2,
    });
  }
}

/** Without maps root inside is who asks, which needs no rights; without a map of groups the one of users serves. */
function complete(request: SetRequest): SetRequest {
  const { kinds, uidMap, gidMap } = request;
  if (!kinds.includes("user")) return request;
  const self = (id: number | undefined): readonly IdExtent[] => [{ inner: 0, outer: id ?? 0, count: 1 }];
  const users = uidMap.length > 0 ? uidMap : self(process.geteuid?.());
  const groups = gidMap.length > 0 ? gidMap : uidMap.length > 0 ? uidMap : self(process.getegid?.());
  return { kinds, uidMap: users, gidMap: groups };
}

/** The plan of a named set; its undo takes it away again. Pure. */
export function planSet(name: string, { kinds, uidMap, gidMap }: SetRequest): Plan {
  const directory = setDirectory(name);
  const because = kinds.includes("pid")
    ? `make namespaces ${kinds.join(", ")} that stay: mounts keep them, and process 1 its pid namespace`
    : `make namespaces ${kinds.join(", ")} that stay without a process: a mount keeps each`;
  return {
    steps: [
      {
        step: { kind: "namespace.create", base: setsDirectory, directory, kinds, uidMap: renderIdMap(uidMap), gidMap: renderIdMap(gidMap) },
        because,
        undo: { kind: "namespace.remove", directory, kinds },
      },
    ],
  };
}

/** Throws invalid, conflict when the name is taken, denied, and KernelError; then nothing is left. */
export async function createSet(engine: Engine, name: string, request: SetRequest): Promise<void> {
  validate(request);
  if (!isSetName(name)) {
    throw new TsnsError("invalid", "bad-name", `invalid name "${name}" for a set of namespaces`, {
      hint: "at most 64 letters, digits, - _ . and not only digits",
      exitCode: 2,
    });
  }
  if (existsSync(setDirectory(name)) || existsSync(`${iprouteDirectory}/${name}`)) throw nameTaken(name);
  const plan = planSet(name, complete(request));
  if (!engine.mode.dryRun) requireNamespacePrivilege("a named set of namespaces");
  if (engine.show(plan)) return;
  await withLock(engine, journalOwner(name), "ns create", () => makeSet(engine, name, plan));
}

async function makeSet(engine: Engine, name: string, plan: Plan): Promise<void> {
  writeJournal(engine.store, journalOwner(name), undoOf(plan));
  try {
    await engine.apply(plan);
  } catch (error) {
    // Another command was first with the directory: what is there is not ours.
    const isTaken = error instanceof KernelError && error.syscall === "mkdir" && error.errno === "EEXIST";
    if (isTaken || (await takeBack(engine, undoOf(plan)))) deleteJournal(engine.store, journalOwner(name));
    throw isTaken ? nameTaken(name) : error;
  }
}

function nameTaken(name: string): TsnsError {
  return new TsnsError("conflict", "name-taken", `there are namespaces named ${name} already`, {
    hint: existsSync(setDirectory(name)) ? `tsns ns rm ${name} removes them` : `ip netns del ${name} removes them`,
  });
}

/** Takes a set away. Its namespaces live on while processes are in them; those of its pid namespace would be killed, which takes `force`. */
export async function removeSet(engine: Engine, name: string, force: boolean): Promise<void> {
  const directory = setDirectory(name);
  if (!isSetName(name) || !existsSync(directory)) {
    throw new TsnsError("not-found", "no-such-namespace", `there is no set of namespaces named ${name}`, {
      hint: existsSync(`${iprouteDirectory}/${name}`) ? `ip netns del ${name} removes one of ip` : "tsns ns ls shows them by their paths",
    });
  }
  const holder = readHolder(directory);
  const residents = holder && !force ? readResidents(holder) : [];
  if (residents.length > 0) {
    throw new TsnsError("conflict", "namespace-busy", `processes ${residents.join(", ")} live in the pid namespace of ${name}`, {
      hint: "end them, or add --force, which kills them",
    });
  }
  const kinds = namespaceKinds.filter((kind) => existsSync(setFile(name, kind)));
  const because = `take the mounts${holder ? " and the holder" : ""} of ${name} away`;
  const plan: Plan = { steps: [{ step: { kind: "namespace.remove", directory, kinds }, because }] };
  if (!engine.mode.dryRun) requireNamespacePrivilege("removing namespaces");
  if (engine.show(plan)) return;
  await engine.apply(plan);
  if (hasStore(engine)) deleteJournal(engine.store, journalOwner(name));
}

/** Becomes the command; returns only after a dry run. Throws invalid, denied. */
export function runInNew(
  engine: Engine,
  request: SetRequest,
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  validate(request);
  const { kinds, uidMap, gidMap } = complete(request);
  const step: NamespaceRun = {
    kind: "namespace.run",
    kinds,
    uidMap: renderIdMap(uidMap),
    gidMap: renderIdMap(gidMap),
    // A /proc of the old namespace would show processes that are not there.
    mountProc: kinds.includes("pid") && kinds.includes("mnt"),
    command,
  };
  if (!kinds.includes("user") && !engine.mode.dryRun) {
    requireNamespacePrivilege("making namespaces", "run it with sudo, or add --user where user namespaces are allowed");
  }
  if (engine.show({ steps: [{ step, because: `run the command in new namespaces: ${kinds.join(", ")}` }] })) return;
  engine.finish();
  const flags = kinds.reduce((sum, kind) => sum + namespaceFlags[kind], 0);
  becomeInside(["unshare", `${flags}`, step.uidMap, step.gidMap, step.mountProc ? "1" : "0", "--", ...command], env);
}
