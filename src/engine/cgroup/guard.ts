// What must not be done to a group: to the root, to the group tsns itself or process 1 is in, and, without being told so
// explicitly, to a running container of another engine.
import { TsnsError } from "../../base/error.ts";
import type { OwnerEngine } from "../../namespace/owner.ts";
import { renderOwner } from "../../namespace/owner.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import type { FoundGroup } from "./find.ts";
import { membersWithin } from "./list.ts";

/** Engines that keep their own books on a group: what they wrote down would be wrong from then on. Units of systemd are not containers. */
const foreignEngines: readonly OwnerEngine[] = ["docker", "podman", "libvirt", "lxc", "kubernetes"];

/** Throws `conflict` when a running container of another engine is in the group or below it. `doing`: "freeze", "set limits of". */
export function refuseForeign(engine: Engine, group: FoundGroup, doing: string, force: boolean): void {
  if (force) return;
  const owners = openOwners(engine);
  for (const pid of membersWithin(group.hierarchies, group.path)) {
    const owner = owners.ofPid(pid);
    if (!owner || !foreignEngines.includes(owner.engine)) continue;
    throw new TsnsError("conflict", "foreign-group", `will not ${doing} cgroup ${group.path}: ${renderOwner(owner)} is running in it`, {
      hint: `${owner.engine} keeps its own record of this group: use ${owner.engine} itself, or --force`,
    });
  }
}

/** Throws `conflict` for a group that is, or would be, inside that of another engine's container. */
export function refuseInside(engine: Engine, path: string, doing: string, force: boolean): void {
  const owner = force ? undefined : openOwners(engine).ofCgroup(path);
  if (!owner || !foreignEngines.includes(owner.engine)) return;
  throw new TsnsError("conflict", "foreign-group", `will not ${doing} cgroup ${path}: it belongs to ${renderOwner(owner)}`, {
    hint: `${owner.engine} removes its groups with all that is in them: choose another place, or --force`,
  });
}

/** Throws `conflict` for processes of another engine's container, which would leave its limits. */
export function refuseMembers(engine: Engine, pids: readonly number[], force: boolean): void {
  if (force) return;
  const owners = openOwners(engine);
  for (const pid of pids) {
    const owner = owners.ofPid(pid);
    if (!owner || !foreignEngines.includes(owner.engine)) continue;
    throw new TsnsError("conflict", "foreign-process", `will not move process ${pid}: it belongs to ${renderOwner(owner)}`, {
      hint: `${owner.engine} would no longer limit or find it: --force moves it all the same`,
    });
  }
}

/** Throws `invalid` for the root of the hierarchies. */
export function refuseRoot(path: string, doing: string): void {
  if (path !== "/") return;
  throw new TsnsError("invalid", "root-group", `will not ${doing} the root of the cgroups: every process of this host is in or below it`, {
    hint: "name a group below it: tsns cgroup ls",
  });
}

/** Throws `conflict` when process 1 or tsns itself is in the group or below it, for what would stop or end them. */
export function refuseOwn(group: FoundGroup, doing: string): void {
  const pids = membersWithin(group.hierarchies, group.path);
  const own = pids.find((pid) => pid === 1 || pid === process.pid);
  if (own === undefined) return;
  throw new TsnsError(
    "conflict",
    "own-group",
    `will not ${doing} cgroup ${group.path}: ${own === 1 ? "process 1" : "tsns itself"} is in it`,
    {
      hint: "name a group without it",
    },
  );
}
