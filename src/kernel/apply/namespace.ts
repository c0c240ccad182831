// Performs steps on namespaces through the native helper.

import { mkdirSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno, type KernelError, TsnsError } from "../../base/error.ts";
import { setsDirectory } from "../../namespace/set.ts";
import { type NamespaceKind, namespaceFlags } from "../../namespace/spec.ts";
import type { NamespaceCreate, NamespaceRemove, NamespaceStep } from "../../plan/step/namespace.ts";
import { isRunning } from "../proc/identity.ts";
import { parseHolder } from "../proc/namespace-holder.ts";
import { type FailureWords, runNamespaceProgram } from "../sandbox/namespace-program.ts";
import { ensureDirectory } from "../tree/directory.ts";
import { type Executors, guard, ignoreMissing, notHere } from "./executor.ts";

export const namespaceExecutors: Executors<NamespaceStep> = {
  "namespace.create": createSet,
  "namespace.remove": removeSet,
  "namespace.run": notHere,
  "namespace.enter": notHere,
};

function explain({ errno }: KernelError): FailureWords {
  return errno === "EPERM" || errno === "EACCES" ? { hint: "run as root, or add --user where user namespaces are allowed" } : {};
}

/** These steps come from the journal as well: nothing outside of the directory of sets is touched. */
function requireSet(directory: string): void {
  if (/^\/run\/tsns\/ns\/[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(directory) && directory.startsWith(`${setsDirectory}/`)) return;
  throw new TsnsError("internal", "no-namespace-set", `${directory} is no set of namespaces`);
}

function createSet({ base, directory, kinds, uidMap, gidMap }: NamespaceCreate): void {
  requireSet(directory);
  guard("mkdir", base, () => ensureDirectory(base, 0o755));
  // Not recursive: of two commands only one makes the set.
  guard("mkdir", directory, () => mkdirSync(directory, { mode: 0o755 }));
  const flags = kinds.reduce((sum, kind) => sum + namespaceFlags[kind as NamespaceKind], 0);
  const binds = kinds.map((kind) => `${kind}=${directory}/${kind}`);
  runNamespaceProgram(["create", base, `${flags}`, uidMap, gidMap, `${directory}/holder`, ...binds], { explain });
}

function removeSet({ directory, kinds }: NamespaceRemove): void {
  requireSet(directory);
  if (kinds.length > 0) runNamespaceProgram(["release", ...kinds.map((kind) => `${directory}/${kind}`)], { explain });
  endHolder(`${directory}/holder`);
  guard("rmdir", directory, () => ignoreMissing(() => rmdirSync(directory)));
  runNamespaceProgram(["retire", setsDirectory], { explain });
  removeEmpty(dirname(setsDirectory));
}

/** The last set takes the directory along that all of them are in. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTEMPTY", "EBUSY")) throw error;
  }
}

function endHolder(file: string): void {
  try {
    const holder = parseHolder(readFileSync(file, "utf8"));
    if (holder && isRunning(holder)) process.kill(holder.pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ESRCH")) throw error;
  }
  ignoreMissing(() => unlinkSync(file));
}
