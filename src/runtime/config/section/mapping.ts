// Id mappings: of the user namespace and of single mounts (runtime-spec 1.2, config-linux.md, User namespace mappings).
import { count, isObjectNode, items, member, type Node, needed, problem, U32, unsigned32 } from "../node.ts";
import type { RuntimeIdMapping } from "../type.ts";

function mappingOf(node: Node): RuntimeIdMapping | undefined {
  if (!isObjectNode(node)) return undefined;
  const containerID = needed(member(node, "containerID"), unsigned32);
  const hostID = needed(member(node, "hostID"), unsigned32);
  const size = needed(member(node, "size"), (each) => count(each, 1, U32));
  if (containerID === undefined || hostID === undefined || size === undefined) return undefined;
  // As map_write() of Linux 6.18: the last id is below 2^32 - 1, which is nobody.
  if (Math.max(containerID, hostID) + size > U32) problem(node, "goes beyond the last id, 4294967294");
  return { containerID, hostID, size };
}

/** UID_GID_MAP_MAX_EXTENTS of Linux 4.15 and newer. */
const mostMappings = 340;

export function parseMappings(node: Node): readonly RuntimeIdMapping[] {
  const all = items(node);
  if (all.length > mostMappings) problem(node, `${all.length} mappings, the kernel takes ${mostMappings}`);
  return all.slice(0, mostMappings).flatMap((each) => mappingOf(each) ?? []);
}
