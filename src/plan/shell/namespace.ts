// The shell commands for steps on namespaces: unshare(1) and nsenter(1) of util-linux.
import type { NamespaceCreate, NamespaceEnter, NamespaceRemove, NamespaceRun, NamespaceStep } from "../step/namespace.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

/** unshare's and nsenter's word for a kind. */
const optionOf = (kind: string): string => `--${kind === "mnt" ? "mount" : kind}`;

/** Writes the maps of the process in shell variable `pid` once it is in a user namespace of its own. */
function writeMaps(uidMap: string, gidMap: string): string[] {
  return [
    'until [ "$(readlink /proc/$pid/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done',
    `printf '%s\\n' ${quoteWord(uidMap)} > /proc/$pid/uid_map`,
    `printf '%s\\n' ${quoteWord(gidMap)} > /proc/$pid/gid_map`,
  ];
}

function createShell({ base, directory, kinds, uidMap, gidMap }: NamespaceCreate): string {
  const fileOf = (kind: string) => `${directory}/${kind}`;
  const [hasPid, forks] = [kinds.includes("pid"), kinds.includes("pid") || kinds.includes("time")];
  // The children of a process are in its new pid and time namespaces, it is not.
  const member = forks ? `$(pgrep -P "$maker" -x sleep)` : '$([ "$(cat "/proc/$maker/comm")" = sleep ] && echo "$maker")';
  const wait = `tries=$((tries + 1)); [ $tries -lt 250 ] || exit 1; sleep 0.02`;
  const maps = uidMap || gidMap ? [`pid=$member`, ...writeMaps(uidMap, gidMap)] : [];
  return [
    words("mkdir", "-p", base),
    words("mkdir", directory),
    `${words("mount", "--make-private", base)} 2>/dev/null || { ${words("mount", "--bind", base, base)}; ${words("mount", "--make-private", base)}; }`,
    words("touch", ...kinds.map(fileOf)),
    `unshare ${kinds.map(optionOf).join(" ")}${forks ? " --fork" : ""} sleep infinity </dev/null >/dev/null 2>&1 & maker=$!`,
    `tries=0; until member=${member}; [ "$member" ]; do ${wait}; done`,
    ...maps,
    ...kinds.map((kind) => `mount --bind "/proc/$member/ns/${kind}" ${quoteWord(fileOf(kind))}`),
    ...(hasPid ? [`echo "$member $(cut -d' ' -f22 "/proc/$member/stat")" > ${quoteWord(`${directory}/holder`)}`] : []),
    hasPid ? 'kill -9 "$maker"' : 'kill -9 "$member"',
  ].join("\n");
}

function removeShell({ directory, kinds }: NamespaceRemove): string {
  const holder = quoteWord(`${directory}/holder`);
  const base = quoteWord(directory.slice(0, directory.lastIndexOf("/")));
  return [
    ...kinds.map((kind) => `umount -l ${quoteWord(`${directory}/${kind}`)} 2>/dev/null || true`),
    ...(kinds.includes("pid") ? [`[ ! -e ${holder} ] || kill -9 "$(cut -d' ' -f1 ${holder})" || true`] : []),
    words("rm", "-f", ...kinds.map((kind) => `${directory}/${kind}`), `${directory}/holder`),
    `[ ! -d ${quoteWord(directory)} ] || ${words("rmdir", directory)}`,
    // the mount of all sets goes with the last of them
    `[ -n "$(ls -A ${base} 2>/dev/null)" ] || { umount -l ${base} 2>/dev/null || true; rmdir ${base} 2>/dev/null || true; }`,
  ].join("\n");
}

function runShell({ kinds, uidMap, gidMap, mountProc, command }: NamespaceRun): string {
  const options = kinds.map(optionOf).join(" ");
  const fork = kinds.includes("pid") || kinds.includes("time") ? " --fork --kill-child" : "";
  const proc = mountProc ? " --mount-proc" : "";
  if (!kinds.includes("user") || !uidMap) return `unshare ${options}${fork}${proc} ${words(...command)}`;
  const wait = "until grep -q . /proc/self/gid_map; do sleep 0.02; done";
  // Capabilities are kept over the exec that comes before the maps.
  return [
    `exec 3<&0`,
    `unshare ${options}${fork}${proc} --keep-caps sh -c '${wait}; exec setpriv --reuid 0 --regid 0 --clear-groups -- "$@"' sh ${words(...command)} <&3 & pid=$!`,
    ...writeMaps(uidMap, gidMap),
    'wait "$pid"',
  ].join("\n");
}

function enterShell({ namespaces, uid, gid, root, workingDirectory, command }: NamespaceEnter): string {
  return [
    "nsenter",
    ...namespaces.map(({ kind, path }) => `${optionOf(kind)}=${quoteWord(path)}`),
    ...(uid >= 0 ? [`--setuid=${uid}`] : ["--preserve-credentials"]),
    ...(gid >= 0 ? [`--setgid=${gid}`] : []),
    ...(root === undefined ? [] : [`--root=${quoteWord(root)}`]),
    ...(workingDirectory === undefined ? [] : ["env", "-C", quoteWord(workingDirectory)]),
    words(...command),
  ].join(" ");
}

export const namespaceShell: Renderers<NamespaceStep> = {
  "namespace.create": createShell,
  "namespace.remove": removeShell,
  "namespace.run": runShell,
  "namespace.enter": enterShell,
};
