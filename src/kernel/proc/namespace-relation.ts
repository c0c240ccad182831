// How namespaces are related, asked of the kernel by the native helper: Node has no ioctl.
import { isNamespaceKind } from "../../namespace/inode.ts";
import type { NamespaceRelation } from "../../namespace/view.ts";
import { runNamespaceProgram } from "../sandbox/namespace-program.ts";

/** Parses what native/ns-relate.c prints; lines of another form are left out. */
export function parseRelations(text: string): readonly NamespaceRelation[] {
  return text.split("\n").flatMap((line) => {
    const [kind = "", inode = "", userNamespace = "", parent = "", ownerUid = "", ...rest] = line.split("\t");
    if (rest.length > 0 || !isNamespaceKind(kind) || !/^[1-9]\d{0,9}$/.test(inode)) return [];
    const number = (word: string, otherwise: number) => (/^\d{1,10}$/.test(word) ? Number(word) : otherwise);
    return [
      { kind, inode: Number(inode), userNamespace: number(userNamespace, 0), parent: number(parent, 0), ownerUid: number(ownerUid, -1) },
    ];
  });
}

/** The namespaces of these files and all above them, each once. Files that can't be opened are left out. Throws KernelError. */
export function readRelations(paths: readonly string[]): readonly NamespaceRelation[] {
  if (paths.length === 0) return [];
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(""));
  return parseRelations(runNamespaceProgram(["relate"], { input }).toString("utf8"));
}
