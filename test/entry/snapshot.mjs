// What tsns could leave behind on a host, as sorted lines: links, addresses, routes, firewall rules, mounts,
// cgroups, processes, loop devices, settings. Leaves out what changes by itself (counters, life times).
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { read } from "./process.mjs";

/** In the environment of everything that a run of the tests starts; its value names the run. */
export const testRunVariable = "TSNS_TEST_RUN";

/** @typedef {Record<string, string[]>} Snapshot  lines by section */

/** Text of a file, empty if it is gone. @param {string} path */
function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Names in a directory, none if it is gone. @param {string} path */
function namesIn(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Fields of `ip -json` that change without anybody changing the host. */
const restless = new Set([
  "stats",
  "stats64",
  "operstate",
  "expires",
  "valid_life_time",
  "preferred_life_time",
  "age",
  "used",
  "qlen",
  "linkdown",
]);

/** Whether there is a carrier, which depends on who else is up. */
const restlessFlags = new Set(["LOWER_UP", "NO-CARRIER", "RUNNING"]);

/** @param {string} key @param {unknown} value */
function settled(key, value) {
  if (restless.has(key)) return undefined;
  return key === "flags" && Array.isArray(value) ? value.filter((flag) => !restlessFlags.has(flag)) : value;
}

/** @param {string[]} args @returns {string[]} one line of JSON per object */
function ipLines(args) {
  const objects = JSON.parse(read(["ip", "-json", ...args]) || "[]");
  return objects.map((/** @type {unknown} */ object) => JSON.stringify(object, settled));
}

const saves = ["iptables-nft-save", "iptables-legacy-save", "ip6tables-nft-save", "ip6tables-legacy-save"];

/**
 * Rules and own chains per table. A table that a back end lists as soon as it was looked at, with built-in chains
 * that accept and no rules, is the same as no table.
 * @param {string} command
 */
function ruleLines(command) {
  let table = "";
  return (read([command]) ?? "").split("\n").flatMap((line) => {
    if (line.startsWith("*")) table = line.slice(1);
    if (line === "" || line === "COMMIT" || /^[#*]/.test(line) || /^:\S+ ACCEPT /.test(line)) return [];
    return [`${command} ${table} ${line.replace(/\[\d+:\d+\]/, "").trim()}`];
  });
}

/** Fields 4 and up of /proc/self/mountinfo, without ids and peer groups (proc_pid_mountinfo(5)). */
function mountLines() {
  return textOf("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [, , , root, target, options] = before.split(" ");
      return [root, target, options, after].join(" ");
    });
}

/** Cgroups that service managers make and remove by themselves. */
const managed = /\/(system|user|machine|init)\.(slice|scope)(\/|$)|\.(service|scope|mount|socket)(\/|$)/;

/** @param {string} path @returns {string[]} */
function directoriesBelow(path) {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [`${path}/${entry.name}`, ...directoriesBelow(`${path}/${entry.name}`)] : [],
    );
  } catch {
    return []; // removed while being read
  }
}

/** @param {string} path */
const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));

/**
 * All cgroups of all hierarchies, but those in a directory where somebody else has processes in groups: whoever keeps them there
 * makes and removes more of them while the tests run.
 */
function cgroupLines() {
  const mounts = mountLines().filter((line) => / cgroup2? /.test(line));
  const points = new Set(mounts.map((line) => line.split(" ")[1] ?? ""));
  const groups = [...points].flatMap(directoriesBelow).filter((path) => !managed.test(path));
  const isForeign = (/** @type {string} */ path) => !points.has(parentOf(path)) && !path.includes("tsns");
  const lively = new Set(groups.filter((path) => isForeign(path) && textOf(`${path}/cgroup.procs`) !== "").map(parentOf));
  return groups.filter((path) => !lively.has(parentOf(path)));
}

/** Name, state, parent ... of a process (proc_pid_stat(5)). @param {string} pid */
function statOf(pid) {
  const [, name = "", rest = ""] = textOf(`/proc/${pid}/stat`).match(/\((.*)\) (.*)/s) ?? [];
  const fields = rest.split(" ");
  return { name, state: fields[0] ?? "", parent: fields[1] ?? "0", started: fields[19] ?? "" };
}

/** This process and those it descends from. @returns {Set<string>} */
function ownLine() {
  const line = new Set();
  for (let pid = String(process.pid); pid !== "0" && !line.has(pid); pid = statOf(pid).parent) line.add(pid);
  return line;
}

/**
 * Living processes that are tsns's by their name, or the test run's by their environment, by id and start time; a zombie is its
 * parent's to reap.
 */
function processLines() {
  const mark = process.env[testRunVariable];
  const own = ownLine();
  return namesIn("/proc")
    .filter((name) => /^\d+$/.test(name) && !own.has(name))
    .flatMap((pid) => {
      const { name, state, started } = statOf(pid);
      const isOfRun = mark !== undefined && textOf(`/proc/${pid}/environ`).split("\0").includes(`${testRunVariable}=${mark}`);
      return (name.startsWith("tsns") || isOfRun) && state !== "Z" ? [`${pid} ${name} started ${started}`] : [];
    });
}

/** Loop devices in use and what they show. */
function loopLines() {
  return namesIn("/sys/block").flatMap((name) => {
    const file = name.startsWith("loop") ? textOf(`/sys/block/${name}/loop/backing_file`).trim() : "";
    return file === "" ? [] : [`${name} ${file}`];
  });
}

/** Named network namespaces, and what lies in /run under tsns's name. */
function pinLines() {
  return [...namesIn("/run/netns").map((name) => `netns ${name}`), ...namesIn("/run").filter((name) => name.startsWith("tsns"))];
}

function settingLines() {
  const names = [
    "ipv4/ip_forward",
    "ipv6/conf/all/forwarding",
    "ipv4/conf/all/route_localnet",
    "ipv4/conf/default/route_localnet",
    "bridge/bridge-nf-call-iptables",
  ];
  return names.map((name) => `${name} ${textOf(`/proc/sys/net/${name}`).trim()}`);
}

/** Reads the host as it is now; needs root to see all of it. @returns {Snapshot} */
export function readSnapshot() {
  const snapshot = {
    links: ipLines(["link", "show"]),
    addresses: ipLines(["addr", "show"]),
    routes: [
      ...ipLines(["-4", "route", "show", "table", "all"]),
      ...ipLines(["-6", "route", "show", "table", "all"]),
      ...ipLines(["rule", "show"]),
    ],
    rules: saves.flatMap(ruleLines),
    mounts: mountLines(),
    cgroups: cgroupLines(),
    processes: processLines(),
    loops: loopLines(),
    pins: pinLines(),
    settings: settingLines(),
    namespace: [readlinkSync("/proc/self/ns/net"), readlinkSync("/proc/self/ns/mnt")],
  };
  return Object.fromEntries(Object.entries(snapshot).map(([section, lines]) => [section, lines.sort()]));
}

/** Lines of `a` that `b` does not have, or not as often. @param {string[]} a @param {string[]} b */
function surplus(a, b) {
  const left = [...b];
  return a.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/**
 * What one snapshot has more or less than another: lines beginning with - or +, under their section; none if equal.
 * @param {Snapshot} before
 * @param {Snapshot} after
 * @returns {string[]}
 */
export function differences(before, after) {
  return Object.keys({ ...before, ...after }).flatMap((section) => {
    const old = before[section] ?? [];
    const now = after[section] ?? [];
    const gone = surplus(old, now).map((line) => `- ${section}: ${line}`);
    const come = surplus(now, old).map((line) => `+ ${section}: ${line}`);
    return [...gone, ...come];
  });
}

/**
 * Reads the host until it equals `before` or the time is up; what a command has let go may take a moment to vanish.
 * @param {Snapshot} before
 * @param {number} timeoutMs
 * @returns {Promise<string[]>} the differences that stay
 */
export async function differencesThatStay(before, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = differences(before, readSnapshot());
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
