// Monitors, and so containers, that the store knows nothing of.
import { waitUntil } from "../../kernel/cgroup/wait.ts";
import { isRunning, type ProcessIdentity, readStartTime } from "../../kernel/proc/identity.ts";
import { listPids } from "../../kernel/proc/namespace.ts";
import { readProcessFile } from "../../kernel/proc/stat.ts";
import type { Finder, Finding } from "./finding.ts";

/** One without a container ends by itself, but only after the command that removed it, and its clients: a second as a rule. */
const endingMs = 5000;

function isEnding(monitor: ProcessIdentity): boolean {
  const hasContainer = readProcessFile(monitor.pid, `task/${monitor.pid}/children`) !== "";
  return waitUntil(() => !isRunning(monitor), hasContainer ? 0 : endingMs);
}

/** A monitor's title is `tsns-monitor DIRECTORY`, one string (native/title.c). */
export const findMonitors: Finder = ({ engine, known, isBusy }) =>
  listPids().flatMap((pid): Finding[] => {
    const [name, directory = ""] = readProcessFile(pid, "cmdline")?.replace(/\0.*$/s, "").split(/ (.*)/s) ?? [];
    const id = directory.startsWith(`${engine.root}/containers/`) ? directory.slice(-64) : "";
    const startTime = readStartTime(pid);
    if (name !== "tsns-monitor" || !/^[0-9a-f]{64}$/.test(id) || known.has(id) || isBusy(id) || startTime === undefined) return [];
    if (isEnding({ pid, startTime })) return [];
    return [
      {
        kind: "monitor",
        object: `pid ${pid}`,
        proof: `it stands behind container ${id.slice(0, 12)}, which has no record`,
        bytes: 0,
        owner: "tsns",
        repair: [
          { kind: "process.signal", pid, startTime, signal: 9 },
          { kind: "process.wait", pid, startTime, limitMs: 5000 },
        ],
      },
    ];
  });
