// The shell commands for steps on cgroups.
import type { CgroupFreeze, CgroupKill, CgroupStep } from "../step/cgroup.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

/** The pids of these directories and all below them. */
const pidsOf = (directories: readonly string[]) =>
  `$(find ${directories.map(quoteWord).join(" ")} -name cgroup.procs -exec cat {} + 2>/dev/null | sort -un)`;

function freezeShell({ directory, version, frozen }: CgroupFreeze): string {
  const [file, value, probe] =
    version === "v2"
      ? ["cgroup.freeze", frozen ? "1" : "0", `grep -qx 'frozen ${frozen ? 1 : 0}' ${quoteWord(`${directory}/cgroup.events`)}`]
      : [
          "freezer.state",
          frozen ? "FROZEN" : "THAWED",
          `grep -qx ${frozen ? "FROZEN" : "THAWED"} ${quoteWord(`${directory}/freezer.state`)}`,
        ];
  const set = `echo ${value} > ${quoteWord(`${directory}/${file}`)}`;
  return `${set}\nuntil ${probe}; do sleep 0.01; ${set}; done`;
}

function killShell({ directories, unified, freezer }: CgroupKill): string {
  const pids = pidsOf(directories);
  if (unified !== undefined) {
    return `echo 1 > ${quoteWord(`${unified}/cgroup.kill`)}\nwhile grep -qx 'populated 1' ${quoteWord(`${unified}/cgroup.events`)}; do sleep 0.01; done`;
  }
  const hold = (state: string) => (freezer === undefined ? "" : `echo ${state} > ${quoteWord(`${freezer}/freezer.state`)}; `);
  return `while pids="${pids}"; [ -n "$pids" ]; do ${hold("FROZEN")}kill -KILL ${pids} 2>/dev/null || true; ${hold("THAWED")}sleep 0.01; done`;
}

export const cgroupShell: Renderers<CgroupStep> = {
  "cgroup.create": (step) => words("mkdir", step.path),
  // The kernel takes one line per write.
  "cgroup.write": (step) =>
    step.value
      .split("\n")
      .map((line) => `echo ${quoteWord(line)} > ${quoteWord(step.path)}`)
      .join("\n"),
  // With what it has below it; one that is gone is no error.
  "cgroup.remove": (step) =>
    `find ${quoteWord(step.path)} -depth -type d -exec rmdir {} \\; 2>/dev/null || [ ! -d ${quoteWord(step.path)} ]`,
  "cgroup.make": (step) => words("mkdir", step.path),
  "cgroup.ensure": (step) => words("mkdir", "-p", step.path),
  "cgroup.delete": (step) => words("rmdir", step.path),
  "cgroup.join": (step) => `echo ${step.pid} > ${quoteWord(step.path)}`,
  "cgroup.freeze": freezeShell,
  "cgroup.kill": killShell,
  "cgroup.signal": (step) => `kill -${step.signal} ${pidsOf(step.directories)}`,
  // bpftool loads object files only, so the instructions go through the native helper beside tsns.
  "cgroup.device-filter": (step) =>
    `"$(dirname "$(readlink -f "$(command -v tsns)")")/tsns-ns" ${words("cgroup-devices", step.path)} ${quoteWord(step.programHex)}`,
};
