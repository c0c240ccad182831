// The native operation list as a shell script that starts the same container in the foreground, or enters a running one. Knows which
// operations a shell can do one by one (operation.ts) and where the process has to change what it is: new namespaces, root, credentials.
import { CLONE, type Operation } from "../operation.ts";
import type { SandboxStart } from "../step/process.ts";
import { commandLines } from "./command.ts";
import { type OperationPlace, optionOfKind, ownNamespace, ownNamespaceFile, shellOfOperation, unshareOptions } from "./operation.ts";
import { functions } from "./sandbox-function.ts";
import { joinWords, named, type Parts, placeOf, rootOf, split } from "./sandbox-part.ts";
import { quoteWord, words } from "./word.ts";

/** What the script cannot do; it says so and ends before it has changed anything. */
const impossible: Readonly<Record<string, string>> = {
  userns: "a user namespace with layers seen through its id map needs mount_setattr(2), which no tool of util-linux 2.38 gives",
  "open-tree-pid": "the shared memory of another container is cloned in its mount namespace, which no tool of util-linux 2.38 does",
  "runtime-create": "another OCI runtime makes the container below its monitor, whose network namespace and mounts it gets",
  idmap: "the id maps of a user namespace are written by its parent while it waits",
};

/** What belongs to tsns alone: the script goes on without it and says so in a comment. */
const left: Readonly<Record<string, string>> = {
  log: "no log is kept: output goes where this script's goes",
  "log-local": "no log is kept: output goes where this script's goes",
  "log-format": "no log server is told",
  "log-zone": "no log server is told",
  "log-sink": "no log server is told",
  "on-exit": "no monitor stands behind the container: the lines after it clean up",
  restart: "nobody starts the container again",
  events: "no events are told",
  "name-relay": "no names are answered: the monitor would pass queries on to the name server",
  "port-relay": "published ports do not answer by IPv6: the monitor would pass on what comes to its address on lo",
  health: "nobody asks whether it is well",
  "cgroup-devices": "the device filter of cgroup v2 is a BPF program, which no shell tool loads: devices are not restricted",
  keyring: "the session keyring is the caller's (keyctl session would make one)",
  pty: "the terminal is the one this script runs on",
  init: "without --init's process 1: the command is process 1 itself",
};

/** A variable with text that a later shell runs; the text may hold anything but its end mark. */
const textVariable = (name: string, lines: string): string =>
  `${name}=$(cat <<'END_OF_${name.toUpperCase()}'\n${lines}\nEND_OF_${name.toUpperCase()}\n)`;

/** Lines that end a script for what it cannot do, or undefined. */
export function refusalOf(operations: readonly (readonly string[])[]): string | undefined {
  const reason = operations.map(([name = ""]) => impossible[name]).find(Boolean);
  return reason && `echo ${quoteWord(`this cannot be done by a script: ${reason}`)} >&2\nexit 1`;
}

/** Lines of sh that do what the helper would do with the operations. The container's exit status is left in $status. */
export function scriptOfSandbox(step: Omit<SandboxStart, "kind">): string {
  const { operations } = step;
  const refusal = refusalOf(operations);
  if (refusal) return refusal;
  const { monitor, init, flags } = split(bindTrees(operations));
  const entry = monitor.find(([name]) => name === "setns-pid");
  const remarks = [...new Set(operations.flatMap(([name = ""]) => left[name] ?? []))].map((text) => `# left out: ${text}`);
  return [...remarks, entry ? entryLines(entry, { monitor, init }) : startLines(step, { monitor, init }, flags)].join("\n");
}

/** Where a tree that was opened is bound, the bind of its path. */
function bindTrees(operations: SandboxStart["operations"]): SandboxStart["operations"] {
  const trees = new Map(operations.filter(([name]) => name === "open-tree").map((operation) => [operation[1] ?? "", operation]));
  return operations.flatMap((operation) => {
    const [name, descriptor = "", ...rest] = operation;
    const tree = name === "bind-tree-at" ? trees.get(descriptor) : undefined;
    if (name === "open-tree") return [];
    return tree ? [["bind-at", tree[2] ?? "", ...rest, ...tree.slice(4)]] : [operation];
  });
}

/** The path of a source as a word of the shell; one below a volume may have no link that leads out of it. */
function sourceWord(source: string, below: string | undefined): string {
  if (below === undefined) return quoteWord(source);
  return `"$(below ${quoteWord(source)} ${quoteWord(below)})"`;
}

/** Operations that the structure of the script stands for. */
const structural: ReadonlySet<string> = new Set([
  ...Object.keys(left),
  ...[
    "state",
    "title",
    "stdio",
    "stdin",
    "owner",
    "at-exit",
    "event-counted",
    "event-start",
    "probe",
    "open",
    "netlink-socket",
    "unshare",
    "setns",
    "setns-pid",
    "cgroup-join",
    "cgroup-fd",
  ],
  ...[
    "barrier",
    "pivot",
    "env",
    "caps",
    "user",
    "become",
    "chdir",
    "umask",
    "no-new-privs",
    "seccomp",
    "oom-score-adj",
    "rlimit",
    "exec",
    "end",
  ],
]);

function startLines(step: Omit<SandboxStart, "kind">, parts: Parts, flags: string): string {
  const { monitor, init } = parts;
  const hostRoot = `${step.planPath.replace(/\/[^/]*$/, "")}/host`;
  const place = placeOf(step, (path) => `"$(at ${quoteWord(path)})"`);
  const barrier = Math.max(
    0,
    init.findIndex(([name]) => name === "barrier"),
  );
  const pivot = init.findIndex(([name]) => name === "pivot");
  const render = (list: readonly Operation[]) => list.flatMap((operation) => scriptLine(operation, place));
  const joins = [...named(monitor, "cgroup-join"), ...named(monitor, "cgroup-fd")].map((operation) => shellOfOperation(operation, place));
  const cgroupNamespace = named(init.slice(barrier), "unshare").length > 0 ? "unshare --cgroup " : "";
  const setup = [
    ...render(monitor),
    ...render(init.slice(0, barrier)),
    "# limits hold before the first instruction of the command",
    ...joins,
    `exec ${cgroupNamespace}sh -euc "$functions\n$finish" sh`,
  ];
  const finish = [
    ...render(init.slice(barrier, pivot)),
    "# a second view of the host's files, for the tools below; it goes with the old root",
    'mount --rbind / "$host"',
    'exec 9< "$root"',
    'exec chroot "$host" sh -euc "$functions\n$enter" sh',
  ];
  const command = commandLines(init, { chroot: ".", loader: false });
  const enter = [
    "cd /proc/self/fd/9",
    "exec 9<&-",
    `nsenter --mount=/proc/self/ns/mnt sh -euc 'cd "$root" && pivot_root . .'`,
    ...render(init.slice(pivot + 1)),
    ...command.slice(0, -1),
    // Mounts below the second view go with it: from here on only what lies on the host's root file system can be started.
    "umount -N /proc/self/ns/mnt -l /",
    ...command.slice(-1),
  ];
  const join = joinWords(parts);
  const input = named(monitor, "stdin")[0]?.[1] === "none" ? " < /dev/null" : "";
  return [
    textVariable("functions", functions),
    textVariable("setup", setup.join("\n")),
    textVariable("finish", finish.join("\n")),
    textVariable("enter", enter.join("\n")),
    `outside=$$ root=${quoteWord(rootOf(init))} host=${quoteWord(hostRoot)}`,
    "export functions setup finish enter outside root host",
    'mkdir -p "$host"',
    "status=0",
    `${join.pid}unshare ${unshareOptions(flags).replace(" --fork", "")} ${timeOptions(monitor)} --propagation unchanged --kill-child ${join.others}sh -euc "$functions\n$setup" sh${input} || status=$?`.replaceAll(
      "  ",
      " ",
    ),
    'rmdir "$host"',
  ].join("\n");
}

const timeOffsets = "/proc/self/timens_offsets";

/** Options of unshare(1) for a time namespace, which is made before the others. */
function timeOptions(monitor: readonly Operation[]): string {
  if (!named(monitor, "unshare").some(([, flags]) => flags === `${CLONE.NEWTIME}`)) return "";
  const written = named(monitor, "write").find(([, path]) => path === timeOffsets)?.[2] ?? "";
  return ["--time", ...[...written.matchAll(/^(monotonic|boottime) (-?\d+) /gm)].map(([, clock, seconds]) => `--${clock}=${seconds}`)].join(
    " ",
  );
}

/** The lines of one operation between the changes of the process; comments for what there is no command for. */
function scriptLine(operation: Operation, place: OperationPlace): string[] {
  const [name, ...args] = operation;
  const [first = "", second = ""] = args;
  if (name === "open" && second === ownNamespace && place.names.namespaces.get(Number(first)) === ownNamespaceFile)
    return [`exec 8< ${ownNamespace}`];
  if (structural.has(name) || (name === "write" && first === timeOffsets)) return [];
  if (name === "root") return [`root=${quoteWord(first)}`];
  if (name === "mask-at") return [`mask ${place.inside(first)}`];
  if (name === "readonly-at") return [`readonly_tree ${place.inside(first)}`];
  if (name === "touch-at") return [`target /dev/null ${place.inside(first)} > /dev/null`];
  if (name === "bind-at") {
    const [recursive, , below] = args.slice(3);
    const source = sourceWord(first, below);
    const bound = shellOfOperation(operation, { ...place, inside: (path) => `"$(target ${source} ${place.inside(path)})"` });
    const line = bound.replace(` ${quoteWord(first)} `, () => ` ${source} `);
    const later = place.inside(second);
    const remount = recursive === "2" ? (options: string) => `mount -o remount,bind,${options} ${later}` : undefined;
    return [
      line
        .replaceAll(/^(mount --make-\w+) .*$/gm, (_, head: string) => `${head} ${later}`)
        .replaceAll(/^mount -o remount,bind,(\S+) .*$/gm, (_, options: string) => remount?.(options) ?? `remount_tree ${later} ${options}`),
    ];
  }
  const line = shellOfOperation(operation, place);
  return [line || `# left out, no command does it: ${words(name, ...args)}`];
}

/** exec: into the namespaces of a process, the tools coming from outside by their loader. */
function entryLines([, pid = "", startTime = "", ...kinds]: Operation, parts: Parts): string {
  const { monitor, init } = parts;
  const joins = [...named(monitor, "cgroup-join"), ...named(monitor, "cgroup-fd")].map((operation) => shellOfOperation(operation));
  const cgroup = named(init, "setns").length > 0 ? ["cgroup"] : [];
  const options = [...kinds, ...cgroup].map((kind) => optionOfKind[kind] ?? "").join(" ");
  const input = named(monitor, "stdin")[0]?.[1] === "none" ? " < /dev/null" : "";
  const body = [
    ...joins,
    ...commandLines(init, { chroot: "/", loader: true, enter: `"$(command -v nsenter)" --target ${quoteWord(pid)} ${options} --wd=/` }),
  ];
  return [
    textVariable("functions", functions),
    textVariable("enter", body.join("\n")),
    `root=/proc/${quoteWord(pid)}/root`,
    "export functions enter root",
    `# still the process that tsns saw`,
    `[ "$(sed 's/.*) //' /proc/${quoteWord(pid)}/stat | cut -d' ' -f20)" = ${quoteWord(startTime)} ]`,
    "status=0",
    `sh -euc "$functions\n$enter" sh${input} || status=$?`,
  ].join("\n");
}
