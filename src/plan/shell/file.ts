// The shell commands for steps on directories and files.
import type { FileStep, HostOwner, TreeRestore } from "../step/file.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

const ownerShell = ({ owner, path }: { readonly owner?: HostOwner; readonly path: string }): string =>
  owner ? ` && chown ${owner.uid}:${owner.gid} ${quoteWord(path)}` : "";

/** The log's lines are read from the last to the first; the formats are those of src/kernel/tree/keep-log.ts. */
const restoreShell = ({ path, kept }: TreeRestore): string => `(
  cd ${quoteWord(path)} && rm -rf --one-file-system ${kept}.done && [ -d ${kept} ] || exit 0
  inner() { name=$(printf '%b/' "$1"); name=./\${name%/}; }
  tac ${kept}/changes | while read -r deed at; do
    inner "$at"
    if [ "$deed" = made ]; then rm -rf --one-file-system "$name"
    elif [ -e "${kept}/$deed" ] || [ -L "${kept}/$deed" ]; then mv -T "${kept}/$deed" "$name"; fi
  done
  attributes() { tac "$1" | while read -r uid gid mode atime mtime at; do
    inner "$at"
    [ -e "$name" ] && [ ! -L "$name" ] || continue
    chown "$uid:$gid" "$name" && chmod "$mode" "$name" && touch -a -d "@$atime" "$name" && touch -m -d "@$mtime" "$name"
  done; }
  attributes ${kept}/stats
  own=$(mktemp) && head -n 1 ${kept}/stats > "$own" && rm ${kept}/changes ${kept}/stats && rmdir ${kept} && attributes "$own" && rm "$own"
)`;

export const fileShell: Renderers<FileStep> = {
  "directory.create": (step) =>
    `mkdir -p -m ${step.mode.toString(8)} ${quoteWord(step.path)}${ownerShell(step)}${step.spread ? `\n${words("chattr", "+T", step.path)} 2>/dev/null || :` : ""}`,
  "directory.remove": (step) => `${words("rmdir", step.path)} 2>/dev/null || [ ! -e ${quoteWord(step.path)} ]`,
  "tree.remove": (step) => words("rm", "-rf", "--one-file-system", step.path),
  "tree.restore": restoreShell,
  "file.write": (step) =>
    `printf %s ${quoteWord(step.text)} > ${quoteWord(step.path)} && chmod ${step.mode.toString(8)} ${quoteWord(step.path)}${ownerShell(step)}`,
  "filesystem.create": (step) =>
    `truncate -s ${step.bytes} ${quoteWord(step.path)} && mkfs.ext4 -q -F -m 0 -O ^has_journal ${quoteWord(step.path)}`,
};
