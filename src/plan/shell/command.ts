// The end of a container's script: environment, user, capabilities, directory and the command, by capsh(1), which does all of
// this in one process. Knows nothing of namespaces and mounts.
import { namesOfMask } from "../capability.ts";
import type { Operation } from "../operation.ts";
import { quoteWord, words } from "./word.ts";

export interface CommandPlace {
  /** The directory that becomes the root, for capsh. */
  readonly chroot: string;
  /** The tools are outside the root that the process sees: capsh is started by its loader from the directory /. */
  readonly loader: boolean;
  /** Words that start capsh elsewhere. */
  readonly enter?: string;
}

const allCapabilities = (1n << 41n) - 1n;

/** Looks up $1 (name or uid, with :group) and the groups $2 as the helper does; sets uid, gid, groups, home. */
const identity = `identity() {
  name=\${1%%:*} group='' passwd="$(at /etc/passwd)" file="$(at /etc/group)"
  case $1 in *:*) group=\${1#*:} ;; esac
  [ -f "$passwd" ] || passwd=/dev/null
  [ -f "$file" ] || file=/dev/null
  entry=$(awk -F: -v n="$name" '$1 == n || (n ~ /^[0-9]+$/ && $3 == n) { print; exit }' "$passwd")
  uid=$(printf %s "$entry" | cut -d: -f3) gid=$(printf %s "$entry" | cut -d: -f4) home=$(printf %s "$entry" | cut -d: -f6)
  account=$(printf %s "$entry" | cut -d: -f1)
  [ -n "$uid" ] || { uid=$name gid=0 account=''; }
  groups=''
  if [ -n "$group" ]; then
    gid=$(awk -F: -v n="$group" '$1 == n || $3 == n { print $3; exit }' "$file")
    gid=\${gid:-$group}
  elif [ -n "$account" ]; then
    groups=$(awk -F: -v n="$account" '{ k = split($4, m, ","); for (i = 1; i <= k; i++) if (m[i] == n) { print $3; next } }' "$file")
  fi
  for more in $(printf %s "$2" | tr , ' '); do
    number=$(awk -F: -v n="$more" '$1 == n || $3 == n { print $3; exit }' "$file")
    groups="$groups \${number:-$more}"
  done
  groups=$(printf '%s\\n' $groups "$gid" | awk 'NF && !seen[$1]++' | paste -sd,)
}`;

/** Finds the program $1 in the directories of $2 inside the root. */
const program = `program() {
  case $1 in */*) printf %s "$1"; return ;; esac
  for directory in $(printf %s "$2" | tr : ' '); do
    if [ -f "$(at "$directory/$1")" ] && [ -x "$(at "$directory/$1")" ]; then printf %s "$directory/$1"; return; fi
  done
  echo "$1: not found in the container's PATH" >&2
  exit 127
}`;

const last = (list: readonly Operation[], name: string): readonly string[] | undefined =>
  list.findLast((operation) => operation[0] === name)?.slice(1);

/** Lines whose last one becomes the command. */
export function commandLines(operations: readonly Operation[], place: CommandPlace): string[] {
  const [name = "", ...args] = last(operations, "exec") ?? [];
  const environment = operations.flatMap(([kind, entry = ""]) => (kind === "env" ? [entry] : []));
  const path = environment.findLast((entry) => entry.startsWith("PATH="))?.slice(5) ?? "";
  const [user = "0", groups = ""] = last(operations, "user") ?? [];
  const [directory = "/", make = "0"] = last(operations, "chdir") ?? [];
  const [mask] = last(operations, "umask") ?? [];
  const [score] = last(operations, "oom-score-adj") ?? [];
  const hasHome = (environment.findLast((entry) => entry.startsWith("HOME=")) ?? "HOME=") !== "HOME=";
  return [
    identity,
    program,
    `identity ${words(user, groups)}`,
    `program=$(program ${words(name, path)})`,
    ...(make === "1" && directory !== "/" ? [`mkdir -p "$(at ${quoteWord(directory)})"`] : []),
    ...(score === undefined ? [] : [`echo ${quoteWord(score)} > /proc/self/oom_score_adj`]),
    ...(mask === undefined ? [] : [`umask ${quoteWord(mask)}`]),
    ...(place.loader ? loaderLines : ['set -- "$(command -v capsh)"']),
    ...filterLines(operations, place),
    `set -- ${place.enter ? `${place.enter} ` : ""}"$@" ${capshOptions(operations, place)}`,
    ...(directory === "/"
      ? [`set -- "$@" --shell="$program" -- ${words(...args)}`.trimEnd()]
      : ["# capsh has no option for the directory: the container's own shell enters it", inDirectory(directory, args)]),
    ...operations.flatMap(([kind, ...limit]) => (kind === "rlimit" ? [limitLine(limit)] : [])),
    `exec "$(command -v env)" -i ${words(...environment)} ${hasHome ? "" : `"HOME=\${home:-/}" `}"$@"`,
  ];
}

/** prlimit(1) takes the limits of the shell that becomes the command. */
export function limitLine([number = "", soft = "", hard = ""]: readonly string[]): string {
  const most = (value: string) => (value === "18446744073709551615" ? "unlimited" : value);
  return `prlimit --pid $$ --${limitOptions[Number(number)] ?? number}=${words(most(soft))}:${words(most(hard))}`;
}

/** prlimit(1)'s options by the kernel's numbers. */
const limitOptions: readonly string[] = [
  ...["cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile"],
  ...["memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"],
];

const inDirectory = (directory: string, args: readonly string[]): string =>
  `set -- "$@" --shell=/bin/sh -- -c 'cd "$1" && shift && unset OLDPWD SHLVL && exec "$@"' sh ${quoteWord(directory)} "$program" ${words(...args)}`.trimEnd();

/**
 * seccomp(2) with SECCOMP_SET_MODE_FILTER and a struct sock_fprog, then the program in the other arguments. As -e it would need a
 * /dev/null to be read from (perlrun(1)): this runs before the file that is named as the script, perl's own, is read.
 */
const setFilter =
  '-M5.006;BEGIN { my ($number, $flags, $hex) = splice @ARGV, 0, 3; my $code = pack "H*", $hex; syscall($number + 0, 1, $flags + 0, pack("S x6 P", length($code) / 8, $code)) == 0 or die "seccomp: $!\\n"; exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\\n" }';

/** perl(1) sets the filter, as no other tool does; capsh comes after it, so that the filter has to let it do its part. */
function filterLines(operations: readonly Operation[], { loader }: CommandPlace): string[] {
  const filter = last(operations, "seccomp");
  if (!filter) return [];
  const [bounding = ""] = last(operations, "caps") ?? [];
  if (!namesOfMask(BigInt(`0x${bounding || "0"}`)).includes("cap_sys_chroot"))
    return ["# left out: without CAP_SYS_CHROOT the seccomp filter refuses chroot(2), by which capsh starts the command"];
  const [hex = "", flags = "0"] = filter;
  const start = loader ? '".$loader" --library-path "$libraries" ".$perl"' : '"$perl"';
  return [
    "case $(uname -m) in x86_64) number=317 ;; *) number=277 ;; esac # seccomp(2)",
    'perl=$(readlink -f "$(command -v perl)")',
    `set -- ${start} ${quoteWord(setFilter)} ${loader ? '".$perl"' : '"$perl"'} "$number" ${words(flags, hex)} "$@"`,
  ];
}

/** The loader and the libraries by paths from /, which stays the working directory when the root changes. */
const loaderLines: readonly string[] = [
  'capsh=$(readlink -f "$(command -v capsh)")',
  `loader=$(readlink -f "$(ldd "$capsh" | awk '$1 ~ /^\\// { print $1 }')")`,
  `libraries=$(ldd "$capsh" | awk '$3 ~ /^\\// { sub("/[^/]*$", "", $3); print "." $3 }' | sort -u | paste -sd:)`,
  'set -- ".$loader" --library-path "$libraries" ".$capsh"',
];

function capshOptions(operations: readonly Operation[], { chroot }: CommandPlace): string {
  const sets = last(operations, "caps");
  const noNewPrivileges = operations.some(([name]) => name === "no-new-privs");
  const [bounding, , , inheritable, ambient] = (sets ?? []).map((mask) => BigInt(`0x${mask}`));
  const dropped = bounding === undefined ? [] : namesOfMask(allCapabilities & ~bounding);
  const raised = namesOfMask(ambient ?? 0n);
  const kept = namesOfMask((inheritable ?? 0n) | (ambient ?? 0n));
  return [
    `--quiet ${words(`--chroot=${chroot}`)}`,
    ...(dropped.length > 0 ? [`--drop=${dropped.join(",")}`] : []),
    '--groups="$groups" --gid="$gid"',
    ...(raised.length > 0 ? ["--keep=1"] : []),
    '--uid="$uid"',
    ...(kept.length > 0 ? [`--inh=${kept.join(",")}`] : []),
    ...(raised.length > 0 ? [`--addamb=${raised.join(",")}`] : []),
    ...(noNewPrivileges ? ["--no-new-privs"] : []),
  ].join(" ");
}
