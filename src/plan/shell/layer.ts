// The shell commands for steps on layers: tar with overlay's whiteouts and opaque marks turned into OCI's, and back.
import type { LayerApply, LayerPack, LayerStep } from "../step/layer.ts";
import { quoteWord, type Renderers } from "./word.ts";

/** Runs for each path given as $1, which find hands over. */
const each = (body: string): string => `-exec sh -c ${quoteWord(body)} sh {} \\;`;

function shellOfPack({ directory, archive, sourceDateEpoch, leaveOut = [] }: LayerPack): string {
  const times = sourceDateEpoch === undefined ? "" : ` --mtime=@${sourceDateEpoch} --clamp-mtime`;
  const xattrs = "--xattrs --xattrs-include='user.*' --xattrs-include=security.capability --xattrs-include='system.posix_acl_*'";
  return [
    "staged=$(mktemp -d)",
    `cp -a ${quoteWord(directory)}/. "$staged"`,
    ...leaveOut.map((path) => `rm -fd "$staged"${quoteWord(path)} 2>/dev/null || :`),
    `find "$staged" -type c ${each('[ "$(stat -c %t:%T "$1")" = 0:0 ] && rm "$1" && touch "$(dirname "$1")/.wh.$(basename "$1")"')}`,
    `find "$staged" -type d ${each('getfattr -n trusted.overlay.opaque "$1" >/dev/null 2>&1 && touch "$1/.wh..wh..opq"')}`,
    `tar -C "$staged" --format=posix --sort=name --numeric-owner ${xattrs}${times} -cf ${quoteWord(archive)} .`,
    'rm -r "$staged"',
  ].join("\n");
}

function shellOfApply({ directory, archive, whiteouts }: LayerApply): string {
  const place = quoteWord(directory);
  const names = "tar -tf \"$archive\" | sed -n 's|^\\./||; s|^\\(.*/\\)\\{0,1\\}\\.wh\\.\\([^/]*\\)$|\\1\\2|p'";
  const before =
    whiteouts === "delete"
      ? [
          `${names} | while read -r name; do`,
          '  case "$name" in',
          '    *.wh..opq) find "$place/$(dirname "$name")" -mindepth 1 -maxdepth 1 -exec rm -r --one-file-system {} + ;;',
          '    *) rm -r --one-file-system "$place/$name" ;;',
          "  esac 2>/dev/null || :",
          "done",
        ]
      : [];
  const after =
    whiteouts === "overlay"
      ? [
          `find "$place" -name .wh..wh..opq ${each('setfattr -n trusted.overlay.opaque -v y "$(dirname "$1")" && rm "$1"')}`,
          `find "$place" -name '.wh.*' ${each('rm "$1" && mknod "$(dirname "$1")/$(basename "$1" | cut -c 5-)" c 0 0')}`,
        ]
      : ["find \"$place\" -name '.wh.*' -delete"];
  return [
    `archive=${quoteWord(archive)} place=${place}`,
    ...before,
    'tar -x -p --numeric-owner --xattrs --xattrs-include=\'*\' -C "$place" -f "$archive"',
    ...after,
  ].join("\n");
}

export const layerShell: Renderers<LayerStep> = { "layer.pack": shellOfPack, "layer.apply": shellOfApply };
