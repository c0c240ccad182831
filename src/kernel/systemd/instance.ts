// Which systemd is there: of the machine or of a user, its version, the group that it has.
import { statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { isHostRoot } from "../proc/privilege.ts";
import { readSystemd, type SystemdInstance } from "./busctl.ts";

export interface SystemdFacts {
  /** 252 */
  readonly version: number;
  /** Logical path of its own group, below which it keeps its units; "" for the root. */
  readonly group: string;
}

/** sd_booted(3) */
function isBooted(): boolean {
  return statSync("/run/systemd/system", { throwIfNoEntry: false })?.isDirectory() === true;
}

export const isUsers = (): boolean => !isHostRoot();

/** Throws TsnsError unsupported where none runs, unavailable when it does not answer. */
export function readSystemdFacts(instance: SystemdInstance): SystemdFacts {
  if (!isBooted()) throw absent("systemd is not running on this host");
  const answer = readSystemd(instance, "/org/freedesktop/systemd1", "Manager", ["Version", "ControlGroup"]);
  if ("refusal" in answer)
    throw new TsnsError("unavailable", "systemd-silent", `--systemd-cgroup: systemd (${instance}) does not answer: ${answer.refusal}`, {
      hint:
        instance === "user"
          ? "look with: systemctl --user status; XDG_RUNTIME_DIR leads to its bus"
          : "look with: busctl status org.freedesktop.systemd1",
    });
  const [version = "", group = ""] = answer;
  return { version: Number(/\d+/.exec(version)?.[0] ?? 0), group: group.replace(/\/$/, "") };
}

/** The option was asked for in vain. */
export const absent = (why: string): TsnsError =>
  new TsnsError("unsupported", "no-systemd", `--systemd-cgroup: ${why}`, {
    hint: "leave it out and give linux.cgroupsPath as a path; podman: --cgroup-manager cgroupfs, docker: native.cgroupdriver=cgroupfs",
  });
