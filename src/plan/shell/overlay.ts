// The shell command for an overlay. mount(8) takes options up to a page, 4095 bytes; for more layers there is no classic tool, so perl
// makes the system calls that take them one by one (fsopen, fsconfig, fsmount, move_mount: 430, 431, 432, 429, Linux 6.5).
import { fitsPage, type OverlayLayers, overlayData, overlayPairs } from "../overlay.ts";
import { quoteWord, words } from "./word.ts";

const script = [
  "my ($to, $set, @pairs) = @ARGV",
  'my ($type, $source, $name, $empty) = ("overlay", "source", "overlay", "")',
  "my $fs = syscall(430, $type, 1)",
  'die "fsopen: $!\\n" if $fs < 0',
  "syscall(431, $fs, 1, $source, $name, 0)",
  "while (my ($key, $value) = splice(@pairs, 0, 2)) " +
    '{ die "fsconfig $key $value: $!\\n" if syscall(431, $fs, $value eq "" ? 0 : 1, $key, $value eq "" ? 0 : $value, 0) < 0 }',
  'die "fsconfig: $!\\n" if syscall(431, $fs, 6, 0, 0, 0) < 0',
  "my $tree = syscall(432, $fs, 1, $set + 0)",
  'die "fsmount: $!\\n" if $tree < 0',
  'die "move_mount $to: $!\\n" if syscall(429, $tree, $empty, -100, $to, 4) < 0',
].join("; ");

/** `at` is the target as a word of the shell. */
export function shellOfOverlayMount(layers: OverlayLayers, options: readonly string[], readOnly: boolean, at: string): string {
  const data = `${readOnly ? "ro," : ""}${overlayData(layers, options)}`;
  if (fitsPage(data)) return `${words("mount", "-t", "overlay", "overlay", "-o", data)} ${at}`;
  return `perl -e ${quoteWord(script)} ${at} ${words(readOnly ? "1" : "0", ...overlayPairs(layers, options).flat())}`;
}
