// `tsns cgroup tree` beside `lscgroup` of cgroup-tools, on a host with many groups in every hierarchy it has. Both walk all of them;
// tsns also counts processes and names owners.
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";

const top = `tsns-bench-${process.pid}`;

/** Mount points of every hierarchy with controllers, or of v2 alone. */
function mountPoints() {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [type, , options = ""] = after.split(" ");
      return type === "cgroup" || type === "cgroup2" ? [{ target: before.split(" ")[4] ?? "", type, options }] : [];
    });
  const legacy = mounts.filter(({ type, options }) => type === "cgroup" && !options.includes("name="));
  return (legacy.length > 0 ? legacy : mounts).map(({ target }) => target);
}

/** Groups of ten below groups of ten, as slices, units and containers are. @param {number} size */
function paths(size) {
  const list = [top];
  for (let at = 0; list.length < size; at++) {
    const parent = list[at] ?? top;
    for (let child = 0; child < 10 && list.length < size; child++) list.push(`${parent}/group-${child}`);
  }
  return list;
}

/** @type {import("./case.mjs").Case} */
export const toolkitCase = {
  name: "cgroup-tree",
  what: "cgroup tree with 1,000 groups, beside lscgroup",
  size: 1000,
  namespaces: [],
  programs: ["lscgroup"],
  prepare(size) {
    const made = mountPoints().flatMap((mount) => paths(size).map((path) => `${mount}/${path}`));
    for (const path of made) mkdirSync(path);
    return () => {
      for (const path of made.reverse()) rmdirSync(path);
    };
  },
  classic: () => ["lscgroup"],
  ours: ["cgroup", "tree"],
};
