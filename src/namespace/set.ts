// Named sets of namespaces, `tsns ns create NAME`: where they are kept alive. Values only.
import { isName } from "../base/id.ts";
import type { NamespaceKind } from "./spec.ts";

/** One directory per set, one bind-mounted file per kind, on a private mount; like `ip netns`, one for the whole host. */
export const setsDirectory = "/run/tsns/ns";

export const setDirectory = (name: string): string => `${setsDirectory}/${name}`;
export const setFile = (name: string, kind: NamespaceKind): string => `${setsDirectory}/${name}/${kind}`;

/** Where iproute2 keeps its named network namespaces (ip-netns(8)). */
export const iprouteDirectory = "/run/netns";

/** Docker's rule for names, or one letter; no number: that would be a pid or an inode. */
export function isSetName(text: string): boolean {
  return (isName(text) || /^[A-Za-z]$/.test(text)) && !/^\d+$/.test(text) && text.length <= 64;
}
