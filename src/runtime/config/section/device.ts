// `linux.devices` (runtime-spec 1.2, config-linux.md, Devices): the nodes; who may open them is `resources.devices`'.
import type { RuntimeDevice } from "../device.ts";
import { count, given, isObjectNode, items, member, type Node, needed, neededPath, U32, unsigned32, word } from "../node.ts";

/** Linux: 12 and 20 bits (linux/kdev_t.h). */
export const mostMajor = 0xfff;
export const mostMinor = 0xf_ffff;

function deviceOf(node: Node): RuntimeDevice | undefined {
  if (!isObjectNode(node)) return undefined;
  const path = neededPath(member(node, "path"));
  const type = needed(member(node, "type"), (each) => word(each, ["c", "b", "u", "p"]));
  const number = (name: string, most: number) => (type === "p" ? 0 : needed(member(node, name), (each) => count(each, 0, most)));
  const major = number("major", mostMajor);
  const minor = number("minor", mostMinor);
  const mode = unsigned32(member(node, "fileMode"));
  const uid = count(member(node, "uid"), 0, U32 - 1);
  const gid = count(member(node, "gid"), 0, U32 - 1);
  if (path === undefined || type === undefined || major === undefined || minor === undefined) return undefined;
  // Some engines write what stat(2) says, with the bits of the file's kind.
  return given({ path, type: type === "u" ? "c" : type, major, minor, fileMode: mode === undefined ? undefined : mode & 0o7777, uid, gid });
}

export const parseDevices = (node: Node): readonly RuntimeDevice[] => items(node).flatMap((each) => deviceOf(each) ?? []);
