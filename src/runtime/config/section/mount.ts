// `mounts` (runtime-spec 1.2, config.md, Mounts). Words of options are not judged here: those that are unknown are the file system's.
import { posix } from "node:path";
import type { RuntimeMount } from "../mount.ts";
import { filled, isObjectNode, items, member, type Node, neededText, problem, quote, texts, warn } from "../node.ts";
import { parseMappings } from "./mapping.ts";

/** With one of these there is no file system to be made, so that no type is needed. */
const typeless = /^(r?bind|remount|r?(private|slave|shared|unbindable))$/;
const isBind = (type: string, options: readonly string[]): boolean =>
  type === "bind" || options.includes("bind") || options.includes("rbind");

/**
 * One spelling for each path. A relative one is below the root of the container: deprecated, but allowed on Linux. One that is a path of the host into
 * the root file system is taken for the path inside, as runc does.
 */
function destinationOf(node: Node, { root }: MountPlace): string {
  const written = neededText(node) ?? "/";
  const path = posix.resolve("/", written);
  const destination = root !== "/" && path.startsWith(`${root}/`) ? path.slice(root.length) : path;
  if (!written.startsWith("/")) warn(node, `${quote(written)} is relative, which is deprecated; taken as ${quote(destination)}`);
  return destination;
}

function idMapsOf(
  node: Node,
  options: readonly string[],
  bind: boolean,
  hasUserNamespace: boolean,
): Pick<RuntimeMount, "uidMappings" | "gidMappings"> {
  const uidMappings = parseMappings(member(node, "uidMappings"));
  const gidMappings = parseMappings(member(node, "gidMappings"));
  if (uidMappings.length > 0 !== gidMappings.length > 0) problem(node, "needs uidMappings and gidMappings, or neither");
  const word = options.find((each) => each === "idmap" || each === "ridmap");
  if (word && uidMappings.length === 0 && !hasUserNamespace)
    problem(member(node, "options"), `${word} needs uidMappings and gidMappings, or a user namespace whose maps it takes`);
  if (!bind && (word || uidMappings.length > 0)) problem(node, "cannot have its IDs mapped: that is for bind mounts");
  return { uidMappings, gidMappings };
}

/** Both absolute. */
export interface MountPlace {
  readonly bundle: string;
  /** The root file system. */
  readonly root: string;
}

function mountOf(node: Node, place: MountPlace, hasUserNamespace: boolean): RuntimeMount | undefined {
  if (!isObjectNode(node)) return undefined;
  const destination = destinationOf(member(node, "destination"), place);
  const type = filled(member(node, "type")) ?? "";
  const options = texts(member(node, "options"));
  const source = filled(member(node, "source")) ?? "";
  const bind = isBind(type, options);
  if (bind && source === "") problem(member(node, "source"), "is missing, and a bind mount needs it");
  if (type === "" && !options.some((each) => typeless.test(each)))
    problem(member(node, "type"), "is missing, and the mount is no bind mount");
  return {
    destination,
    type,
    source: bind && source !== "" ? posix.resolve(place.bundle, source) : source,
    options,
    ...idMapsOf(node, options, bind, hasUserNamespace),
  };
}

export const parseMounts = (node: Node, place: MountPlace, hasUserNamespace: boolean): readonly RuntimeMount[] =>
  items(node).flatMap((each) => mountOf(each, place, hasUserNamespace) ?? []);
