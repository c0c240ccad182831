// Runs a command in namespaces that exist: finds them, plans, and becomes the native helper, which enters.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { becomeInside } from "../../kernel/proc/enter.ts";
import { readIdMaps } from "../../kernel/proc/id-map.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { outerId } from "../../namespace/id-map.ts";
import type { NamespaceKind } from "../../namespace/spec.ts";
import type { NamespaceEnter } from "../../plan/step/namespace.ts";
import type { Engine } from "../engine.ts";
import { findNamespace, findNamespaces, type KnownNamespace } from "./find.ts";

export interface EnterRequest {
  /** None: every kind the reference has. */
  readonly kinds: readonly NamespaceKind[];
  readonly command: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly workingDirectory?: string;
  /** Also take the root directory of the process the reference leads to. */
  readonly processRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Namespaces this process is in already are left out: entering the own user namespace again is refused by the kernel (setns(2)). */
function isOther({ kind, inode }: KnownNamespace): boolean {
  return readNamespaceInode("self", kind) !== inode;
}

function namespacesOf(engine: Engine, reference: string, kinds: readonly NamespaceKind[]): readonly KnownNamespace[] {
  if (kinds.length === 0) return findNamespaces(engine, reference);
  return kinds.map((kind) => ({ ...findNamespace(engine, kind, reference), kind }));
}

/** Becomes the command; returns only after a dry run. Throws what finding throws, with nothing entered. */
export function enterNamespaces(engine: Engine, reference: string, request: EnterRequest): void {
  const found = namespacesOf(engine, reference, request.kinds);
  const namespaces = found.filter(isOther).map(({ kind, path }) => ({ kind, path }));
  const [first] = found;
  const { pid } = first ?? {};
  if (request.processRoot && pid === undefined) {
    throw new TsnsError("invalid", "no-process-root", `${first?.label ?? reference} has no process whose root directory to take`, {
      hint: "leave out --root, or give a container or pid",
      exitCode: 2,
    });
  }
  const { uid, gid } = identityOf(request, found.filter(isOther));
  const step: NamespaceEnter = {
    kind: "namespace.enter",
    namespaces,
    uid,
    gid,
    ...(request.processRoot ? { root: `/proc/${pid}/root` } : {}),
    ...(request.workingDirectory === undefined ? {} : { workingDirectory: request.workingDirectory }),
    command: request.command,
  };
  const kinds = namespaces.map(({ kind }) => kind).join(", ") || "none that is not its own already";
  if (engine.show({ steps: [{ step, because: `run the command in namespaces of ${first?.label ?? reference}: ${kinds}` }] })) return;
  refuseMissing(namespaces);
  engine.finish();
  becomeInside(enterWords(step), request.env);
}

/** Root of the user namespace that is entered, where it has one: whoever enters has all rights there but no id. */
function identityOf(request: EnterRequest, found: readonly KnownNamespace[]): { readonly uid: number; readonly gid: number } {
  const user = found.find(({ kind }) => kind === "user");
  if (!user) return { uid: request.uid ?? -1, gid: request.gid ?? -1 };
  const maps = readIdMaps(user.path, user.pid);
  return {
    uid: request.uid ?? (outerId(maps.uid, 0) === undefined ? -1 : 0),
    gid: request.gid ?? (outerId(maps.gid, 0) === undefined ? -1 : 0),
  };
}

/** A process may have ended since it was found. */
function refuseMissing(namespaces: readonly { readonly path: string }[]): void {
  const gone = namespaces.find(({ path }) => !existsSync(path));
  if (gone) throw new TsnsError("not-found", "no-such-namespace", `${gone.path} is gone`, { hint: "its process has just ended" });
}

/** Words of native/ns-enter.c. */
function enterWords({ namespaces, uid, gid, root, workingDirectory, command }: NamespaceEnter): readonly string[] {
  return [
    "enter",
    ...namespaces.flatMap(({ kind, path }) => ["ns", kind, path]),
    ...(root === undefined ? [] : ["root", root]),
    ...(workingDirectory === undefined ? [] : ["cwd", workingDirectory]),
    "ids",
    `${uid}`,
    `${gid}`,
    "--",
    ...command,
  ];
}
