// The static tree of commands: every spelling, and how its file is loaded. Knows no options; nothing is loaded here.
import type { Command, OptionTable } from "./command.ts";

/** A command file. A shipped chunk also carries `start`, so that a command and the engine below it are one copy of the code. */
export interface CommandModule {
  // biome-ignore lint/suspicious/noExplicitAny: each command has its own option table; `start` parses by that same table
  readonly command: Command<any>;
  readonly start?: typeof import("./start.ts").start;
}

export interface Entry {
  /** Canonical words, and the path of the file below cmds/. */
  readonly path: string;
  /** Other spellings, the usual one first: `tsns run` for `tsns container run`. */
  readonly also: readonly string[];
  /** Heading in the top-level help; without one the command is hidden. */
  readonly topic?: "Containers" | "Images" | "Networks" | "Volumes" | "System";
  /** Its first words are a command of their own: so many arguments must follow for this one to be meant (`tsns port add` may name a container). */
  readonly least?: number;
  load(): Promise<CommandModule>;
}

/**
 * The module of one of several commands that share a file: small verbs on the same noun, each exported under its own name.
 * Written in the tree as `.then((file) => pick(file, "add"))`, which the bundler reads.
 */
export function pick<M extends object>(file: M, name: keyof M): CommandModule {
  // A shipped file also exports `start`.
  return { ...file, command: file[name] as AnyCommand };
}

/** One line per command. Alphabetical within a topic, as the help shows them. */
export const tree: readonly Entry[] = [
  { path: "container attach", also: ["attach"], topic: "Containers", load: () => import("./container/attach.ts") },
  { path: "container commit", also: ["commit"], topic: "Containers", load: () => import("./container/commit.ts") },
  { path: "container cp", also: ["cp"], topic: "Containers", load: () => import("./container/cp.ts") },
  { path: "container create", also: ["create"], topic: "Containers", load: () => import("./container/create.ts") },
  { path: "container diff", also: ["diff"], topic: "Containers", load: () => import("./container/diff.ts") },
  { path: "container exec", also: ["exec"], topic: "Containers", load: () => import("./container/exec.ts") },
  { path: "container export", also: ["export"], topic: "Containers", load: () => import("./container/export.ts") },
  { path: "container inspect", also: ["inspect"], topic: "Containers", load: () => import("./container/inspect.ts") },
  { path: "container kill", also: ["kill"], topic: "Containers", load: () => import("./container/kill.ts") },
  { path: "container logs", also: ["logs"], topic: "Containers", load: () => import("./container/logs.ts") },
  { path: "container ls", also: ["ps", "container list", "container ps"], topic: "Containers", load: () => import("./container/ls.ts") },
  { path: "container pause", also: ["pause"], topic: "Containers", load: () => import("./container/pause.ts") },
  { path: "container port", also: ["port"], topic: "Containers", load: () => import("./container/port.ts") },
  {
    path: "port add",
    also: ["container port add"],
    topic: "Containers",
    least: 2,
    load: () => import("./container/live-port.ts").then((file) => pick(file, "add")),
  },
  {
    path: "port rm",
    also: ["container port rm", "port remove"],
    topic: "Containers",
    least: 2,
    load: () => import("./container/live-port.ts").then((file) => pick(file, "rm")),
  },
  { path: "container prune", also: [], topic: "Containers", load: () => import("./container/prune.ts") },
  { path: "container rename", also: ["rename"], topic: "Containers", load: () => import("./container/rename.ts") },
  { path: "container restart", also: ["restart"], topic: "Containers", load: () => import("./container/restart.ts") },
  { path: "container rm", also: ["rm", "container remove"], topic: "Containers", load: () => import("./container/rm.ts") },
  { path: "container run", also: ["run"], topic: "Containers", load: () => import("./container/run.ts") },
  { path: "container start", also: ["start"], topic: "Containers", load: () => import("./container/start.ts") },
  { path: "container stats", also: ["stats"], topic: "Containers", load: () => import("./container/stats.ts") },
  { path: "container stop", also: ["stop"], topic: "Containers", load: () => import("./container/stop.ts") },
  { path: "container top", also: ["top"], topic: "Containers", load: () => import("./container/top.ts") },
  { path: "container unpause", also: ["unpause"], topic: "Containers", load: () => import("./container/unpause.ts") },
  { path: "container update", also: ["update"], topic: "Containers", load: () => import("./container/update.ts") },
  { path: "container wait", also: ["wait"], topic: "Containers", load: () => import("./container/wait.ts") },
  { path: "why", also: [], topic: "Containers", load: () => import("./why.ts") },
  { path: "image blame", also: [], topic: "Images", load: () => import("./image/blame.ts") },
  { path: "image bootstrap", also: [], topic: "Images", load: () => import("./image/bootstrap.ts") },
  { path: "image diff", also: [], topic: "Images", load: () => import("./image/diff.ts") },
  { path: "image du", also: [], topic: "Images", load: () => import("./image/du.ts") },
  { path: "image history", also: ["history"], topic: "Images", load: () => import("./image/history.ts") },
  { path: "image import", also: ["import"], topic: "Images", load: () => import("./image/import.ts") },
  { path: "image inspect", also: [], topic: "Images", load: () => import("./image/inspect.ts") },
  { path: "image load", also: ["load"], topic: "Images", load: () => import("./image/load.ts") },
  { path: "image ls", also: ["images", "image list"], topic: "Images", load: () => import("./image/ls.ts") },
  { path: "image mount", also: [], topic: "Images", load: () => import("./image/mount.ts").then((file) => pick(file, "mount")) },
  { path: "image pull", also: ["pull"], topic: "Images", load: () => import("./image/pull.ts") },
  { path: "image prune", also: [], topic: "Images", load: () => import("./image/prune.ts") },
  { path: "image push", also: ["push"], topic: "Images", load: () => import("./image/push.ts") },
  { path: "image rm", also: ["rmi", "image remove"], topic: "Images", load: () => import("./image/rm.ts") },
  { path: "image save", also: ["save"], topic: "Images", load: () => import("./image/save.ts") },
  { path: "image tag", also: ["tag"], topic: "Images", load: () => import("./image/tag.ts") },
  { path: "image tree", also: [], topic: "Images", load: () => import("./image/tree.ts") },
  {
    path: "image unmount",
    also: ["image umount"],
    topic: "Images",
    load: () => import("./image/mount.ts").then((file) => pick(file, "unmount")),
  },
  { path: "manifest annotate", also: [], topic: "Images", load: () => import("./manifest/list.ts").then((file) => pick(file, "annotate")) },
  { path: "manifest create", also: [], topic: "Images", load: () => import("./manifest/list.ts").then((file) => pick(file, "create")) },
  { path: "manifest inspect", also: [], topic: "Images", load: () => import("./manifest/list.ts").then((file) => pick(file, "inspect")) },
  { path: "manifest push", also: [], topic: "Images", load: () => import("./manifest/list.ts").then((file) => pick(file, "push")) },
  { path: "manifest rm", also: [], topic: "Images", load: () => import("./manifest/list.ts").then((file) => pick(file, "rm")) },
  { path: "login", also: [], topic: "Images", load: () => import("./login.ts") },
  { path: "logout", also: [], topic: "Images", load: () => import("./logout.ts") },
  { path: "registry ls", also: ["registry list"], topic: "Images", load: () => import("./registry/ls.ts") },
  { path: "registry rm", also: ["registry remove"], topic: "Images", load: () => import("./registry/rm.ts") },
  { path: "registry serve", also: [], topic: "Images", load: () => import("./registry/serve.ts") },
  { path: "search", also: [], topic: "Images", load: () => import("./search.ts") },
  { path: "dns log", also: [], topic: "Networks", load: () => import("./dns/log.ts") },
  { path: "dns ls", also: ["dns list"], topic: "Networks", load: () => import("./dns/ls.ts") },
  { path: "dns serve", also: [], load: () => import("./dns/serve.ts") },
  { path: "dns trace", also: [], topic: "Networks", load: () => import("./dns/trace.ts") },
  { path: "net addr add", also: [], topic: "Networks", load: () => import("./net/addr.ts").then((file) => pick(file, "add")) },
  { path: "net addr del", also: ["net addr rm"], topic: "Networks", load: () => import("./net/addr.ts").then((file) => pick(file, "del")) },
  { path: "net addr flush", also: [], topic: "Networks", load: () => import("./net/addr.ts").then((file) => pick(file, "flush")) },
  { path: "net addr ls", also: ["net addr list"], topic: "Networks", load: () => import("./net/addr.ts").then((file) => pick(file, "ls")) },
  {
    path: "net bridge add",
    also: ["net bridge addbr"],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "add")),
  },
  { path: "net bridge addif", also: [], topic: "Networks", load: () => import("./net/bridge.ts").then((file) => pick(file, "addif")) },
  {
    path: "net bridge del",
    also: ["net bridge delbr", "net bridge rm"],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "del")),
  },
  { path: "net bridge delif", also: [], topic: "Networks", load: () => import("./net/bridge.ts").then((file) => pick(file, "delif")) },
  { path: "net bridge hairpin", also: [], topic: "Networks", load: () => import("./net/bridge.ts").then((file) => pick(file, "hairpin")) },
  {
    path: "net bridge isolated",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "isolated")),
  },
  {
    path: "net bridge setageing",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "setageing")),
  },
  {
    path: "net bridge setbridgeprio",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "setbridgeprio")),
  },
  { path: "net bridge setfd", also: [], topic: "Networks", load: () => import("./net/bridge.ts").then((file) => pick(file, "setfd")) },
  {
    path: "net bridge sethello",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "sethello")),
  },
  {
    path: "net bridge setmaxage",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "setmaxage")),
  },
  {
    path: "net bridge setpathcost",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "setpathcost")),
  },
  {
    path: "net bridge setportprio",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge.ts").then((file) => pick(file, "setportprio")),
  },
  {
    path: "net bridge show",
    also: ["net bridge ls", "net bridge list"],
    topic: "Networks",
    load: () => import("./net/bridge-show.ts").then((file) => pick(file, "show")),
  },
  {
    path: "net bridge showmacs",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge-show.ts").then((file) => pick(file, "showmacs")),
  },
  {
    path: "net bridge showstp",
    also: [],
    topic: "Networks",
    load: () => import("./net/bridge-show.ts").then((file) => pick(file, "showstp")),
  },
  { path: "net bridge stp", also: [], topic: "Networks", load: () => import("./net/bridge.ts").then((file) => pick(file, "stp")) },
  { path: "net check", also: [], topic: "Networks", load: () => import("./net/check.ts") },
  { path: "net exposed", also: [], topic: "Networks", load: () => import("./net/exposed.ts") },
  { path: "net flows", also: [], topic: "Networks", load: () => import("./net/flows.ts") },
  { path: "net link del", also: ["net link rm"], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "del")) },
  { path: "net link down", also: [], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "down")) },
  { path: "net link ls", also: ["net link list"], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "ls")) },
  { path: "net link set", also: [], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "set")) },
  { path: "net link show", also: [], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "show")) },
  { path: "net link up", also: [], topic: "Networks", load: () => import("./net/link.ts").then((file) => pick(file, "up")) },
  { path: "net route add", also: [], topic: "Networks", load: () => import("./net/route.ts").then((file) => pick(file, "add")) },
  {
    path: "net route del",
    also: ["net route rm"],
    topic: "Networks",
    load: () => import("./net/route.ts").then((file) => pick(file, "del")),
  },
  { path: "net route get", also: [], topic: "Networks", load: () => import("./net/route.ts").then((file) => pick(file, "get")) },
  {
    path: "net route ls",
    also: ["net route list"],
    topic: "Networks",
    load: () => import("./net/route.ts").then((file) => pick(file, "ls")),
  },
  { path: "net drift", also: [], topic: "Networks", load: () => import("./net/drift.ts") },
  { path: "net forward add", also: [], topic: "Networks", load: () => import("./net/forward.ts").then((file) => pick(file, "add")) },
  {
    path: "net forward del",
    also: ["net forward rm"],
    topic: "Networks",
    load: () => import("./net/forward.ts").then((file) => pick(file, "del")),
  },
  {
    path: "net forward ls",
    also: ["net forward list"],
    topic: "Networks",
    load: () => import("./net/forward.ts").then((file) => pick(file, "ls")),
  },
  { path: "net nat add", also: [], topic: "Networks", load: () => import("./net/nat.ts").then((file) => pick(file, "add")) },
  { path: "net nat del", also: ["net nat rm"], topic: "Networks", load: () => import("./net/nat.ts").then((file) => pick(file, "del")) },
  { path: "net nat ls", also: ["net nat list"], topic: "Networks", load: () => import("./net/nat.ts").then((file) => pick(file, "ls")) },
  { path: "net map", also: [], topic: "Networks", load: () => import("./net/map.ts") },
  { path: "net rate", also: [], topic: "Networks", load: () => import("./net/rate.ts") },
  { path: "net rules", also: [], topic: "Networks", load: () => import("./net/rules.ts") },
  { path: "net show", also: [], topic: "Networks", load: () => import("./net/show.ts") },
  { path: "net trace", also: [], topic: "Networks", load: () => import("./net/trace.ts") },
  { path: "net veth add", also: [], topic: "Networks", load: () => import("./net/veth.ts").then((file) => pick(file, "add")) },
  { path: "net veth del", also: ["net veth rm"], topic: "Networks", load: () => import("./net/veth.ts").then((file) => pick(file, "del")) },
  { path: "net veth ls", also: ["net veth list"], topic: "Networks", load: () => import("./net/veth.ts").then((file) => pick(file, "ls")) },
  { path: "net veth move", also: [], topic: "Networks", load: () => import("./net/veth.ts").then((file) => pick(file, "move")) },
  { path: "network connect", also: [], topic: "Networks", load: () => import("./network/connect.ts") },
  { path: "network create", also: [], topic: "Networks", load: () => import("./network/create.ts") },
  { path: "network disconnect", also: [], topic: "Networks", load: () => import("./network/disconnect.ts") },
  { path: "network inspect", also: [], topic: "Networks", load: () => import("./network/inspect.ts") },
  { path: "network ls", also: ["network list"], topic: "Networks", load: () => import("./network/ls.ts") },
  { path: "network prune", also: [], topic: "Networks", load: () => import("./network/prune.ts") },
  { path: "network rm", also: ["network remove"], topic: "Networks", load: () => import("./network/rm.ts") },
  { path: "volume create", also: [], topic: "Volumes", load: () => import("./volume/create.ts") },
  { path: "volume export", also: [], topic: "Volumes", load: () => import("./volume/export.ts") },
  { path: "volume import", also: [], topic: "Volumes", load: () => import("./volume/import.ts") },
  { path: "volume inspect", also: [], topic: "Volumes", load: () => import("./volume/inspect.ts") },
  { path: "volume ls", also: ["volume list"], topic: "Volumes", load: () => import("./volume/ls.ts") },
  { path: "volume prune", also: [], topic: "Volumes", load: () => import("./volume/prune.ts") },
  { path: "volume rm", also: ["volume remove"], topic: "Volumes", load: () => import("./volume/rm.ts") },
  { path: "cgroup add", also: [], topic: "System", load: () => import("./cgroup/change.ts").then((file) => pick(file, "add")) },
  { path: "cgroup create", also: [], topic: "System", load: () => import("./cgroup/change.ts").then((file) => pick(file, "create")) },
  { path: "cgroup freeze", also: [], topic: "System", load: () => import("./cgroup/change.ts").then((file) => pick(file, "freeze")) },
  { path: "cgroup get", also: [], topic: "System", load: () => import("./cgroup/view.ts").then((file) => pick(file, "get")) },
  { path: "cgroup kill", also: [], topic: "System", load: () => import("./cgroup/change.ts").then((file) => pick(file, "kill")) },
  { path: "cgroup ls", also: ["cgroup list"], topic: "System", load: () => import("./cgroup/view.ts").then((file) => pick(file, "ls")) },
  {
    path: "cgroup rm",
    also: ["cgroup remove"],
    topic: "System",
    load: () => import("./cgroup/change.ts").then((file) => pick(file, "rm")),
  },
  { path: "cgroup set", also: [], topic: "System", load: () => import("./cgroup/change.ts").then((file) => pick(file, "set")) },
  { path: "cgroup show", also: [], topic: "System", load: () => import("./cgroup/view.ts").then((file) => pick(file, "show")) },
  {
    path: "cgroup thaw",
    also: ["cgroup unfreeze"],
    topic: "System",
    load: () => import("./cgroup/change.ts").then((file) => pick(file, "thaw")),
  },
  { path: "cgroup top", also: [], topic: "System", load: () => import("./cgroup/top.ts") },
  { path: "cgroup tree", also: [], topic: "System", load: () => import("./cgroup/view.ts").then((file) => pick(file, "tree")) },
  { path: "check", also: [], topic: "System", load: () => import("./check.ts") },
  { path: "doctor", also: [], topic: "System", load: () => import("./doctor.ts") },
  { path: "completion", also: [], topic: "System", load: () => import("./completion.ts") },
  { path: "layer apply", also: [], topic: "System", load: () => import("./layer/archive.ts").then((file) => pick(file, "apply")) },
  { path: "layer commit", also: [], topic: "System", load: () => import("./layer/archive.ts").then((file) => pick(file, "commit")) },
  { path: "layer diff", also: [], topic: "System", load: () => import("./layer/look.ts").then((file) => pick(file, "diff")) },
  { path: "layer du", also: [], topic: "System", load: () => import("./layer/look.ts").then((file) => pick(file, "du")) },
  { path: "layer ls", also: ["layer list"], topic: "System", load: () => import("./layer/ls.ts") },
  { path: "layer stack", also: [], topic: "System", load: () => import("./layer/stack.ts").then((file) => pick(file, "stack")) },
  { path: "layer unstack", also: [], topic: "System", load: () => import("./layer/stack.ts").then((file) => pick(file, "unstack")) },
  { path: "layer which", also: [], topic: "System", load: () => import("./layer/look.ts").then((file) => pick(file, "which")) },
  { path: "mount add", also: [], topic: "System", load: () => import("./mount/live.ts").then((file) => pick(file, "add")) },
  { path: "mount bind", also: [], topic: "System", load: () => import("./mount/bind.ts").then((file) => pick(file, "bind")) },
  { path: "mount ls", also: ["mount list"], topic: "System", load: () => import("./mount/ls.ts").then((file) => pick(file, "ls")) },
  { path: "mount rm", also: ["mount remove"], topic: "System", load: () => import("./mount/live.ts").then((file) => pick(file, "rm")) },
  { path: "mount tree", also: [], topic: "System", load: () => import("./mount/ls.ts").then((file) => pick(file, "tree")) },
  {
    path: "mount umount",
    also: ["mount unmount"],
    topic: "System",
    load: () => import("./mount/bind.ts").then((file) => pick(file, "umount")),
  },
  { path: "mount who", also: [], topic: "System", load: () => import("./mount/who.ts") },
  { path: "ns create", also: [], topic: "System", load: () => import("./ns/create.ts") },
  { path: "ns enter", also: [], topic: "System", load: () => import("./ns/enter.ts") },
  { path: "ns idmap", also: [], topic: "System", load: () => import("./ns/idmap.ts") },
  { path: "ns ls", also: ["ns list"], topic: "System", load: () => import("./ns/ls.ts") },
  { path: "ns rm", also: ["ns remove"], topic: "System", load: () => import("./ns/rm.ts") },
  { path: "ns tree", also: [], topic: "System", load: () => import("./ns/tree.ts") },
  { path: "system df", also: ["df"], topic: "System", load: () => import("./system/df.ts") },
  { path: "system events", also: ["events"], topic: "System", load: () => import("./system/events.ts") },
  { path: "system info", also: ["info"], topic: "System", load: () => import("./system/info.ts") },
  { path: "system prune", also: ["prune"], topic: "System", load: () => import("./system/prune.ts") },
  { path: "system reset", also: [], topic: "System", load: () => import("./system/reset.ts") },
  { path: "system restore", also: [], topic: "System", load: () => import("./system/restore.ts") },
  { path: "system version", also: ["version"], topic: "System", load: () => import("./system/version.ts") },
  { path: "tui", also: [], topic: "System", load: () => import("./tui.ts") },
  { path: "who", also: [], topic: "System", load: () => import("./who.ts") },
  { path: "__complete", also: [], load: () => import("./__complete.ts") },
  { path: "container cleanup", also: [], load: () => import("./container/cleanup.ts") },
  { path: "container failure", also: [], load: () => import("./container/failure.ts") },
];

/** Words that only open a group, with their line in the help. */
export const groups: Readonly<Record<string, string>> = {
  cgroup: "Look at and manage control groups, v1 and v2",
  container: "Manage containers",
  dns: "Names that containers find each other by",
  image: "Manage images",
  layer: "Stack, compare and pack overlay layers",
  manifest: "Put lists of images for several platforms together",
  mount: "Look at and manage mounts in any namespace",
  net: "Look at and manage bridges, links, routes and rules as the kernel has them",
  "net addr": "Addresses of links, in any namespace",
  "net bridge": "Bridges and their ports, what brctl does",
  "net forward": "Forwarded ports",
  "net link": "Links, in any namespace",
  "net nat": "Masquerade and source NAT",
  "net route": "Routes, in any namespace",
  "net veth": "Veth pairs",
  network: "Manage networks",
  ns: "Look at and manage namespaces",
  registry: "Serve images to others",
  system: "Manage tsns itself",
  volume: "Manage volumes",
};

export type AnyCommand = Command<OptionTable>;

/** Every spelling of an entry, canonical first. */
export function spellings(entry: Entry): readonly string[] {
  return [entry.path, ...entry.also];
}

/** The entry a spelling stands for. */
export function findEntry(words: string): Entry | undefined {
  return tree.find((entry) => entry.path === words || entry.also.includes(words));
}
