// The shell's words for operations of the native helper, one by one. How they become a whole script is in sandbox.ts.

import { MOUNT_ATTR, MS, type Operation } from "../operation.ts";
import type { OverlayLayers } from "../overlay.ts";
import { limitLine } from "./command.ts";
import { type NetlinkNames, parseNetlink } from "./netlink.ts";
import { shellOfOverlayMount } from "./overlay.ts";
import { quoteWord, words } from "./word.ts";

/** How a renderer writes what depends on where its line stands. */
export interface OperationPlace {
  /** The shell word for a path inside the new root. */
  inside(path: string): string;
  /** Descriptors of netlink sockets of the namespace outside. */
  readonly outside: ReadonlySet<string>;
  readonly names: NetlinkNames;
}

/** Before a command that acts in the network namespace outside; $outside is the process the script began as. */
const outsidePrefix = 'nsenter --net="/proc/$outside/ns/net" ';
export const outsideNamespace = "/proc/$outside/ns/net";
/** What opens the network namespace of whoever does; in the script it is open at 8, for commands that nsenter starts outside. */
export const ownNamespace = "/proc/self/ns/net";
export const ownNamespaceFile = "/proc/self/fd/8";

const namespaceOptions: readonly (readonly [flag: number, option: string])[] = [
  [0x00020000, "--mount"],
  [0x20000000, "--pid --fork"],
  [0x40000000, "--net"],
  [0x08000000, "--ipc"],
  [0x04000000, "--uts"],
  [0x10000000, "--user"],
  [0x02000000, "--cgroup"],
  [0x00000080, "--time"],
];

/** Options of unshare(1) for CLONE_NEW* flags. */
export const unshareOptions = (flags: string): string =>
  namespaceOptions.flatMap(([flag, option]) => ((Number(flags) & flag) === flag ? [option] : [])).join(" ");

const flagOptions: readonly (readonly [flag: number, option: string])[] = [
  [MS.RDONLY, "ro"],
  [MS.NOSUID, "nosuid"],
  [MS.NODEV, "nodev"],
  [MS.NOEXEC, "noexec"],
  [MS.NOATIME, "noatime"],
  [MS.RELATIME, "relatime"],
  [MS.STRICTATIME, "strictatime"],
];

const propagationOptions: readonly (readonly [flag: number, option: string])[] = [
  [MS.PRIVATE, "private"],
  [MS.SLAVE, "slave"],
  [MS.SHARED, "shared"],
];

/** mount(8)'s words for MS_* flags and data; the kernel's defaults need none. */
function mountOptions(flags: string, data: string): string[] {
  const list = flagOptions.flatMap(([flag, option]) => (Number(flags) & flag ? [option] : []));
  const all = [...list, ...(data ? [data] : [])].join(",");
  return all ? ["-o", all] : [];
}

const propagationWords = (flags: number): string[] =>
  propagationOptions.flatMap(([flag, option]) => (flags & flag ? [`--make-${flags & MS.REC ? "r" : ""}${option}`] : []));

function mountShell([source = "", target = "", type = "", flags = "0", data = ""]: readonly string[], at: string): string {
  const propagation = propagationWords(Number(flags));
  if (propagation.length > 0) return `${words("mount", ...propagation)} ${at}`;
  if (Number(flags) & MS.BIND) return `${words("mount", Number(flags) & MS.REC ? "--rbind" : "--bind", source)} ${at}`;
  return target ? `${words("mount", "-t", type, ...mountOptions(flags, data), source || "none")} ${at}` : "";
}

/** The layers out of the pairs of `overlay`. */
function layersOfPairs(pairs: readonly string[]): OverlayLayers {
  const valuesOf = (wanted: string) => pairs.filter((_, at) => at % 2 === 1 && pairs[at - 1] === wanted);
  const [upper] = valuesOf("upperdir");
  const [work] = valuesOf("workdir");
  return { lower: valuesOf("lowerdir+"), ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }) };
}

/** Its words without a value. */
const optionsOfPairs = (pairs: readonly string[]): string[] => pairs.filter((_, at) => at % 2 === 0 && pairs[at + 1] === "");

function bindShell([source = "", , attributes = "0", recursive = "0", propagation = "0"]: readonly string[], at: string): string {
  const bits = Number(attributes);
  const options = [
    ...(bits & MOUNT_ATTR.RDONLY ? ["ro"] : []),
    ...(bits & MOUNT_ATTR.NOSUID ? ["nosuid"] : []),
    ...(bits & MOUNT_ATTR.NODEV ? ["nodev"] : []),
    ...(bits & MOUNT_ATTR.NOEXEC ? ["noexec"] : []),
  ];
  const all = recursive !== "0";
  const kind = propagationWords(Number(propagation) | (all ? MS.REC : 0));
  return [
    `${words("mount", all ? "--rbind" : "--bind", source)} ${at}`,
    ...(options.length > 0 ? [`${words("mount", "-o", ["remount", "bind", ...options].join(","))} ${at}`] : []),
    ...(kind.length > 0 ? [`${words("mount", ...kind)} ${at}`] : []),
  ].join("\n");
}

function netlinkShell([descriptor = "", hex = ""]: readonly string[], place: OperationPlace): string {
  const commands = parseNetlink(hex, place.names);
  if (!commands) return `: # an rtnetlink message without a command of ip(8): ${hex}`;
  const prefix = place.outside.has(descriptor) ? outsidePrefix : "";
  const render = (list: readonly string[]) => list.map((word) => (word.includes("$") ? `"${word}"` : quoteWord(word))).join(" ");
  return commands.map((command) => `${prefix}${render(command)}`).join("\n");
}

type OperationShell = (args: readonly string[], place: OperationPlace) => string;

const renderers: Readonly<Record<string, OperationShell>> = {
  unshare: ([flags = "0"]) => `unshare ${unshareOptions(flags)}`,
  clone: ([flags = "0"]) => `unshare ${unshareOptions(flags)} sh`,
  "cgroup-join": ([file = ""]) => `echo 0 > ${quoteWord(file)}`,
  "cgroup-fd": ([directory = ""]) => `echo 0 > ${quoteWord(`${directory}/cgroup.procs`)}`,
  mount: (args) => mountShell(args, quoteWord(args[1] ?? "")),
  overlay: ([target = "", , , ...pairs]) => shellOfOverlayMount(layersOfPairs(pairs), optionsOfPairs(pairs), false, quoteWord(target)),
  "mount-at": (args, { inside }) => mountShell(args, inside(args[1] ?? "")),
  "open-tree": ([descriptor = "", source = "", , below]) =>
    below === undefined
      ? ""
      : `: # descriptor ${descriptor} is ${quoteWord(`${source}/${below}`)}, wherever links lead inside ${quoteWord(source)}`,
  "bind-at": (args, { inside }) => bindShell(args, inside(args[1] ?? "")),
  "mkdir-at": ([path = "", mode = "755"], { inside }) => `mkdir -p -m ${quoteWord(mode)} ${inside(path)}`,
  "chown-at": ([path = "", uid = "", gid = ""], { inside }) => `${words("chown", `${uid}:${gid}`)} ${inside(path)}`,
  "touch-at": ([path = ""], { inside }) => `touch ${inside(path)}`,
  "symlink-at": ([target = "", path = ""], { inside }) => `${words("ln", "-sfn", target)} ${inside(path)}`,
  "mknod-at": ([path = "", mode = "", major = "", minor = ""], { inside }) =>
    `${path.split("/").length > 3 ? `mkdir -p ${inside(path.replace(/\/[^/]*$/, ""))}\n` : ""}mknod -m ${mode.slice(-3)} ${inside(path)} ${mode.startsWith("6") ? "b" : "c"} ${words(major, minor)}`,
  "mask-at": ([path = ""], { inside }) => `mount --bind ${inside("/dev/null")} ${inside(path)}`,
  "readonly-at": ([path = ""], { inside }) => `mount --rbind ${inside(path)} ${inside(path)}\nmount -o remount,bind,ro ${inside(path)}`,
  "remount-at": ([path = "", flags = "0"], { inside }) =>
    `${words("mount", "-o", ["remount", "bind", ...mountOptions(flags, "").slice(1)].join(","))} ${inside(path)}`,
  "loop-mount": ([file = "", target = "", type = "", options = ""]) =>
    words("mount", "-o", ["loop", ...(options ? [options] : [])].join(","), "-t", type, file, target),
  mkdir: ([path = "", mode = "755"]) => words("mkdir", "-p", "-m", mode, path),
  pivot: () => "cd root && pivot_root . . && umount -l .",
  hostname: ([name = ""]) => words("hostname", name),
  domainname: ([name = ""]) => words("domainname", name),
  sysctl: ([key = "", value = ""]) => words("sysctl", "-q", "-w", `${key}=${value}`),
  write: ([path = "", text = ""], { inside }) =>
    `printf %s ${quoteWord(text)} > ${path.startsWith("/proc/self/timens") ? quoteWord(path) : inside(path)}`,
  rlimit: limitLine,
  setns: ([descriptor = ""]) => `nsenter # the namespace open at descriptor ${descriptor}`,
  "setns-pid": ([pid = "", , ...kinds]) => `nsenter --target ${quoteWord(pid)} ${kinds.map((kind) => optionOfKind[kind] ?? "").join(" ")}`,
  netlink: netlinkShell,
  caps: ([bounding = ""]) => `capsh --drop=... # bounding set 0x${bounding}`,
  "no-new-privs": () => "capsh --no-new-privs",
  "oom-score-adj": ([value = ""]) => `echo ${quoteWord(value)} > /proc/self/oom_score_adj`,
  chdir: ([path = ""]) => words("cd", path),
  env: ([entry = ""]) => words("export", entry),
  umask: ([mask = ""]) => words("umask", mask),
  exec: (args) => words("exec", ...args),
};

/** Long options of nsenter(1) by the kernel's names of the kinds. */
export const optionOfKind: Readonly<Record<string, string>> = {
  pid: "--pid",
  mnt: "--mount",
  net: "--net",
  ipc: "--ipc",
  uts: "--uts",
  cgroup: "--cgroup",
  user: "--user",
  time: "--time",
};

/** Where single lines stand when they are only shown. */
const shownPlace = (): OperationPlace => ({
  inside: (path) => quoteWord(`root${path}`),
  outside: new Set(),
  names: { links: new Map([[1, "lo"]]), namespaces: new Map() },
});

/** The shell's words for one operation of the native helper; empty where a shell has none. */
export function shellOfOperation([name, ...args]: Operation, place: OperationPlace = shownPlace()): string {
  return renderers[name]?.(args, place) ?? "";
}
