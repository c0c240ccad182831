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
  const options = kinds.map((kind) => `${optionOf(kind)}=${quoteWord(fileOf(kind))}`).join(" ");
  const lines = [
    words("mkdir", "-p", directory),
    `${words("mount", "--make-private", base)} 2>/dev/null || { ${words("mount", "--bind", base, base)}; ${words("mount", "--make-private", base)}; }`,
    words("touch", ...kinds.map(fileOf)),
  ];
  if (kinds.includes("pid")) {
    // The command is process 1 and stays; unshare, which waits for it, is ended.
    lines.push(
      `setsid unshare ${options} --fork sleep infinity </dev/null >/dev/null 2>&1 & maker=$!`,
      "holder= tries=0",
      `until [ "$holder" ]; do for one in /proc/[0-9]*; do [ "$one/ns/pid" -ef ${quoteWord(fileOf("pid"))} ] && holder=\${one#/proc/}; done`,
      '  tries=$((tries + 1)); [ "$holder" ] || { [ $tries -lt 500 ] && sleep 0.02; } || { echo "no process 1 in the pid namespace" >&2; exit 1; }; done',
      `echo "$holder $(cut -d' ' -f22 "/proc/$holder/stat")" > ${quoteWord(`${directory}/holder`)}`,
      'kill -9 "$maker" 2>/dev/null || true',
    );
  } else lines.push(`unshare ${options} true`);
  if (kinds.includes("user") && (uidMap || gidMap)) {
    lines.push(
      `nsenter --user=${quoteWord(fileOf("user"))} --preserve-credentials sleep infinity & pid=$!`,
      ...writeMaps(uidMap, gidMap),
      'kill -9 "$pid"',
    );
  }
  return lines.join("\n");
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
