// The user namespaces whose maps mounts take: one for each pair of maps, however many mounts have it. Pure.
import { TsnsError } from "../../base/error.ts";
import type { Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig, RuntimeIdMapping } from "../config/type.ts";
import { descriptors } from "./descriptor.ts";
import type { RuntimeMountOptions } from "./mount-option.ts";

export const renderMaps = (maps: readonly RuntimeIdMapping[]): string =>
  maps.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");

export const isMapped = ({ uidMappings, gidMappings }: RuntimeMount, { idMap }: RuntimeMountOptions): boolean =>
  idMap !== "none" || uidMappings.length > 0 || gidMappings.length > 0;

/** For a mount that there is no number for. */
export const tooManyIdMaps = ({ destination }: RuntimeMount, what: string): TsnsError =>
  new TsnsError("unsupported", "too-many-id-maps", `mount ${destination}: its IDs cannot be mapped: there are more than ${what}`, {
    hint: "bind a directory above several of them, or give them equal maps",
  });

/** What maps the tree open at `tree`; its own maps, or those of the container's user namespace. Throws TsnsError unsupported. */
export type IdMapper = (mount: RuntimeMount, options: RuntimeMountOptions, tree: string) => readonly Operation[];

const namespaceOf = (number: string, maps: readonly [string, string], joined?: string): Operation =>
  joined === undefined ? ["map-namespace", number, ...maps] : ["open", number, joined];

export function openIdMaps({ linux }: RuntimeConfig): IdMapper {
  const numbers = descriptors("map");
  const made = new Map<string, string>();
  return (mount, { idMap }, tree) => {
    const { uidMappings, gidMappings } = mount;
    const isOwn = uidMappings.length > 0 || gidMappings.length > 0;
    const [uids, gids] = isOwn ? [uidMappings, gidMappings] : [linux.uidMappings, linux.gidMappings];
    const maps = [renderMaps(uids), renderMaps(gids)] as const;
    // A namespace that is joined has its own maps; the configuration has none then.
    const joined = isOwn ? undefined : linux.namespaces.find(({ type }) => type === "user")?.path;
    const key = joined ?? maps.join("\0");
    const known = made.get(key);
    const number = known ?? numbers.next();
    if (number === undefined) throw tooManyIdMaps(mount, `${numbers.count} different maps`);
    made.set(key, number);
    return [...(known === undefined ? [namespaceOf(number, maps, joined)] : []), ["idmap-tree", tree, number, idMap === "all" ? "1" : "0"]];
  };
}
