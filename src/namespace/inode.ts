// How the kernel writes a namespace: `net:[4026531840]`, namespaces(7). Pure.
import { type NamespaceKind, namespaceKinds } from "./spec.ts";

export interface NamespaceName {
  readonly kind: NamespaceKind;
  readonly inode: number;
}

/** Pids never reach this number (PID_MAX_LIMIT, proc_sys_kernel(5)), inodes of namespaces never lie below it. */
export const maxPid = 4_194_304;

export function isNamespaceKind(text: string): text is NamespaceKind {
  return (namespaceKinds as readonly string[]).includes(text);
}

/** Parses the target of a link in /proc/PID/ns, or a line of /proc/PID/mountinfo's root field. */
export function parseNamespaceName(text: string): NamespaceName | undefined {
  const match = /^([a-z]+):\[(\d{1,10})\]$/.exec(text);
  const kind = match?.[1] ?? "";
  return match && isNamespaceKind(kind) ? { kind, inode: Number(match[2]) } : undefined;
}

export function renderNamespaceName({ kind, inode }: NamespaceName): string {
  return `${kind}:[${inode}]`;
}
