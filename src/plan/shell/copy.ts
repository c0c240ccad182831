// The shell commands for a copy between a container and the host.
import type { TreeCopy, TreeMounts } from "../step/image.ts";
import { shellOfOverlayMount } from "./overlay.ts";
import { quoteWord, words } from "./word.ts";

/** In a mount namespace of its own where the root has to be mounted first: nothing of that stays. */
export function shellOfCopy(step: TreeCopy): string {
  const copy = copyCommand(step);
  if (!step.mounts) return copy;
  return words("unshare", "--mount", "sh", "-ec", [...mountCommands(step.root, step.mounts), copy].join("\n"));
}

function copyCommand({ direction, root, inside, outside, follow, owners }: TreeCopy): string {
  const path = `${root}${inside.startsWith("/") ? "" : "/"}${inside}`;
  const name = path.replace(/\/+$/, "").split("/").at(-1) ?? ".";
  if (outside === "-") {
    if (direction === "to-container") return words("tar", "-C", path, "--numeric-owner", "-x");
    const parent = path.replace(/\/*[^/]*\/*$/, "");
    return words(
      "tar",
      "-C",
      inside === "/" ? path : parent,
      "--numeric-owner",
      ...(follow ? ["-h"] : []),
      "-c",
      inside === "/" ? "." : name,
    );
  }
  const kept = `mode,timestamps,links${owners ? ",ownership" : ""}`;
  const [from, to] = direction === "to-container" ? [outside, path] : [path, outside];
  return words("cp", follow ? "-RH" : "-RP", `--preserve=${kept}`, "--remove-destination", from, to);
}

function mountCommands(root: string, { overlay, upperImage, mapped, binds }: TreeMounts): string[] {
  const { lower, upper, work } = overlay;
  const map = mapped && `b:0:${mapped.hostUid}:${mapped.size}`;
  return [
    ...(upperImage ? [words("mount", "-o", "loop", upperImage.file, upperImage.target), words("mkdir", "-p", upper, work)] : []),
    ...(mapped?.lower ?? []).map((target, at) => words("mount", "-o", `bind,X-mount.idmap=${map}`, lower[at] ?? "", target)),
    shellOfOverlayMount({ lower: mapped?.lower ?? lower, upper, work }, [], false, quoteWord(root)),
    ...binds.flatMap(({ source, target, readOnly }) => {
      const place = `${root}${target}`;
      const make = `if [ -d ${quoteWord(source)} ]; then ${words("mkdir", "-p", place)}; else ${words("mkdir", "-p", place.replace(/\/[^/]*$/, ""))} && ${words("touch", place)}; fi`;
      return [make, words("mount", "--rbind", ...(readOnly ? ["-o", "ro"] : []), source, place)];
    }),
  ];
}
