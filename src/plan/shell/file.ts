// The shell commands for steps on directories and files.
import type { FileStep } from "../step/file.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

export const fileShell: Renderers<FileStep> = {
  "directory.create": (step) => `mkdir -p -m ${step.mode.toString(8)} ${quoteWord(step.path)}`,
  "directory.remove": (step) => words("rmdir", step.path),
  "tree.remove": (step) => words("rm", "-r", "--one-file-system", step.path),
  "file.write": (step) => `printf %s ${quoteWord(step.text)} > ${quoteWord(step.path)}`,
  "filesystem.create": (step) => `truncate -s ${step.bytes} ${quoteWord(step.path)} && mkfs.ext4 -q ${quoteWord(step.path)}`,
};
