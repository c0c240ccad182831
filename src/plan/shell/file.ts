// The shell commands for steps on directories and files.
import type { FileStep, HostOwner } from "../step/file.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

const ownerShell = ({ owner, path }: { readonly owner?: HostOwner; readonly path: string }): string =>
  owner ? ` && chown ${owner.uid}:${owner.gid} ${quoteWord(path)}` : "";

export const fileShell: Renderers<FileStep> = {
  "directory.create": (step) => `mkdir -p -m ${step.mode.toString(8)} ${quoteWord(step.path)}${ownerShell(step)}`,
  "directory.remove": (step) => `${words("rmdir", step.path)} 2>/dev/null || [ ! -e ${quoteWord(step.path)} ]`,
  "tree.remove": (step) => words("rm", "-rf", "--one-file-system", step.path),
  "file.write": (step) =>
    `printf %s ${quoteWord(step.text)} > ${quoteWord(step.path)} && chmod ${step.mode.toString(8)} ${quoteWord(step.path)}${ownerShell(step)}`,
  "filesystem.create": (step) =>
    `truncate -s ${step.bytes} ${quoteWord(step.path)} && mkfs.ext4 -q -F -m 0 -O ^has_journal ${quoteWord(step.path)}`,
};
