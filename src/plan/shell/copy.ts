// The shell commands for a copy between a container and the host.
import type { TreeCopy, TreeMounts } from "../step/image.ts";
import { shellOfOverlayMount } from "./overlay.ts";
import { quoteWord, words } from "./word.ts";

const impossible =
  "echo 'layers seen through an id map need mount_setattr(2), which no tool of util-linux 2.38 gives: start the container first' >&2; exit 1";

/** In a mount namespace of its own where the root has to be mounted first: nothing of that stays. */
export function shellOfCopy(step: TreeCopy): string {
  if (step.mounts?.mapped) return impossible;
  const copy = copyCommand(step);
  if (!step.mounts) return copy;
  return words("unshare", "--mount", "sh", "-ec", [...mountCommands(step.root, step.mounts), copy].join("\n"));
}

function copyCommand(step: TreeCopy): string {
  const { direction, root, inside, outside, follow, owners, shift } = step;
  const path = `${root}${inside.startsWith("/") ? "" : "/"}${inside}`;
  const [from, to] = direction === "to-container" ? [outside, path] : [path, outside];
  if (!shift || (!owners && outside !== "-")) return transfer(quoteWord(from), quoteWord(to), from, step);
  // between, in a directory where the ids are changed
  const name = /(^|\/)\.$/.test(from) || from === "-" ? "." : (from.replace(/\/+$/, "").split("/").at(-1) ?? ".");
  const staged = { ...step, follow: false };
  return [
    "stage=$(mktemp -d)",
    from === "-"
      ? 'tar -C "$stage" --numeric-owner -x'
      : `cp ${follow ? "-RH" : "-RP"} --preserve=mode,timestamps,links,ownership ${quoteWord(from)} "$stage"`,
    `find "$stage"${name === "." ? "" : " -mindepth 1"} -exec sh -c 'for f; do chown -h "$(($(stat -c %u "$f") + ${shift.uid})):$(($(stat -c %g "$f") + ${shift.gid}))" "$f"; done' sh {} +`,
    from === "-"
      ? `find "$stage" -mindepth 1 -maxdepth 1 -exec cp -RP --preserve=mode,timestamps,links,ownership --remove-destination -t ${quoteWord(to)} {} +`
      : transfer(`"$stage"/${quoteWord(name)}`, quoteWord(to), name, staged),
    'rm -rf "$stage"',
  ].join("\n");
}

/** One of the four ways between a path and another or a tar; `shown` is what the source is called. */
function transfer(from: string, to: string, shown: string, { outside, direction, owners, follow, shift }: TreeCopy): string {
  const kept = `mode,timestamps,links${owners ? ",ownership" : ""}`;
  if (outside === "-" && direction === "from-container") {
    const name = shown.replace(/\/+$/, "").split("/").at(-1) || ".";
    return `tar -C "$(dirname ${from})" --numeric-owner ${follow ? "-h " : ""}-c ${quoteWord(name)}`;
  }
  if (outside === "-" && !shift) return `tar -C ${to} --numeric-owner -x`;
  return `cp ${follow ? "-RH" : "-RP"} --preserve=${kept} --remove-destination ${from} ${to}`;
}

function mountCommands(root: string, { overlay, upperImage, binds }: TreeMounts): string[] {
  const { lower, upper, work } = overlay;
  return [
    ...(upperImage ? [words("mount", "-o", "loop", upperImage.file, upperImage.target), words("mkdir", "-p", upper, work)] : []),
    shellOfOverlayMount({ lower, upper, work }, [], false, quoteWord(root)),
    ...binds.flatMap(({ source, target, readOnly }) => {
      const place = `${root}${target}`;
      const make = `if [ -d ${quoteWord(source)} ]; then ${words("mkdir", "-p", place)}; else ${words("mkdir", "-p", place.replace(/\/[^/]*$/, ""))} && ${words("touch", place)}; fi`;
      return [make, words("mount", "--rbind", ...(readOnly ? ["-o", "ro"] : []), source, place)];
    }),
  ];
}
