// The shell commands for steps on mounts. mount(8) binds within one namespace only: for a bind from this namespace into another there is
// no classic tool, so perl makes the four system calls; a mount point there is reached through /proc/PID/root.
import type { MountBind, MountOverlay, MountPlace, MountStep } from "../step/mount.ts";
import { shellOfOverlayMount } from "./overlay.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

/** The same path seen from this namespace, through a process of the other one. */
function outside({ namespacePath }: MountPlace, path: string): string {
  const pid = /^\/proc\/(\d+)\/ns\//.exec(namespacePath ?? "")?.[1];
  return pid === undefined ? path : `/proc/${pid}/root${path}`;
}

/** open_tree, mount_setattr, setns, move_mount (428, 442, 308 or 268, 429), by their numbers. */
const bindScript = [
  "my ($from, $to, $ns, $all, $set, $spread) = @ARGV",
  "my $tree = syscall(428, -100, $from, 0x80001 | ($all ? 0x8000 : 0))",
  'die "open_tree $from: $!\\n" if $tree < 0',
  'my $change = pack("Q4", $set, 0, $spread, 0)',
  'my $empty = ""',
  'die "mount_setattr $from: $!\\n" if ($set || $spread) && syscall(442, $tree, $empty, $all ? 0x9000 : 0x1000, $change, 32) < 0',
  'open(my $file, "<", $ns) or die "$ns: $!\\n"',
  'die "setns $ns: $!\\n" if syscall(`uname -m` =~ /^x86_64/ ? 308 : 268, fileno($file), 0x20000) < 0',
  'die "move_mount $to: $!\\n" if syscall(429, $tree, $empty, -100, $to, 4) < 0',
].join("; ");

const perlBind = (source: string, target: string, namespacePath: string, ...flags: readonly string[]): string =>
  `perl -e ${quoteWord(bindScript)} ${source} ${words(target, namespacePath, ...flags)}`;

/** MS_PRIVATE and the others, mount(2). */
export const propagationFlags = { private: 1 << 18, slave: 1 << 19, shared: 1 << 20, unbindable: 1 << 17 } as const;

function shellOfBind(step: MountBind): string {
  const { namespacePath, source, target, recursive, readOnly, propagation } = step;
  if (namespacePath !== undefined) {
    const flags = [recursive ? "1" : "0", readOnly ? "1" : "0", String(propagation ? propagationFlags[propagation] : 0)];
    return perlBind(quoteWord(source), target, namespacePath, ...flags);
  }
  const lines = [words("mount", recursive ? "--rbind" : "--bind", source, target)];
  if (propagation) lines.push(words("mount", `--make-${recursive ? "r" : ""}${propagation}`, target));
  if (readOnly && !recursive) lines.push(words("mount", "-o", "remount,bind,ro", target));
  // each mount of the tree by itself: the bind's own flags do not reach those below
  if (readOnly && recursive) {
    const each = `while read -r mount; do mount -o remount,bind,ro "$(printf %b "$mount")"; done`;
    lines.push(`findmnt -n -R -r -o TARGET ${quoteWord(target)} | ${each}`);
  }
  return lines.join("\n");
}

/** The layers are directories of this namespace: the overlay is made here and then moved. */
function shellOfOverlay(step: MountOverlay): string {
  const mountAt = (at: string) => shellOfOverlayMount(step, step.options, step.readOnly, at);
  if (step.namespacePath === undefined) return mountAt(quoteWord(step.target));
  return [
    "staged=$(mktemp -d)",
    mountAt('"$staged"'),
    perlBind('"$staged"', step.target, step.namespacePath, "0", "0", "0"),
    'umount "$staged" && rmdir "$staged"',
  ].join("\n");
}

export const mountShell: Renderers<MountStep> = {
  "mount.bind": shellOfBind,
  "mount.overlay": shellOfOverlay,
  "mount.remove": (step) =>
    words("umount", ...(step.namespacePath === undefined ? [] : ["-N", step.namespacePath]), ...(step.lazy ? ["--lazy"] : []), step.target),
  "mountpoint.create": (step) => words(step.type === "directory" ? "mkdir" : "touch", outside(step, step.path)),
  "mountpoint.remove": (step) => words(step.type === "directory" ? "rmdir" : "rm", outside(step, step.path)),
};
