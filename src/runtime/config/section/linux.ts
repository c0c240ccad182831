// `linux` (runtime-spec 1.2, config-linux.md): the small members, and which members need which namespace.
import { filled, given, isObjectNode, isThere, items, member, type Node, needed, neededPath, problem, text, warn, word } from "../node.ts";
import type { RuntimeLinux, RuntimeNamespace, RuntimeNamespaceType } from "../type.ts";
import { parseDevices } from "./device.ts";
import { parseMappings } from "./mapping.ts";
import { parseTimeOffsets } from "./namespace.ts";
import { parseResources } from "./resource.ts";
import { parseSeccompSection } from "./seccomp.ts";
import { parseSysctls } from "./sysctl.ts";

const propagations = ["private", "shared", "slave", "unbindable"] as const;
const recursive = { rprivate: "private", rshared: "shared", rslave: "slave", runbindable: "unbindable" } as const;

/** Engines write the recursive words as well; this is about one mount, so they are the same. Who says nothing means slave, as runc takes it. */
function propagationOf(node: Node): RuntimeLinux["rootfsPropagation"] {
  const written = text(node) || undefined;
  const plain = Object.entries(recursive).find(([name]) => name === written)?.[1];
  return plain ?? (written === undefined ? undefined : word(node, propagations)) ?? "slave";
}

const pathsOf = (node: Node): string[] => items(node).flatMap((each) => neededPath(each) ?? []);

function personalityOf(node: Node): RuntimeLinux["personality"] {
  if (!isObjectNode(node)) return undefined;
  const domain = needed(member(node, "domain"), (each) => word(each, ["LINUX", "LINUX32"]));
  const flags = member(node, "flags");
  if (items(flags).length > 0) problem(flags, "has entries, and the specification knows no flag yet");
  return domain && { domain, flags: [] };
}

/** What is refused, and what comes from later versions of the specification and does nothing here. */
function judgeOthers(node: Node): void {
  if (isThere(member(node, "intelRdt")))
    problem(member(node, "intelRdt"), "cache and memory bandwidth allocation (resctrl) is not supported");
  for (const name of ["netDevices", "memoryPolicy"])
    if (isThere(member(node, name))) warn(member(node, name), "is newer than version 1.2 of the specification, ignored");
}

function judgeNamespaces(node: Node, linux: RuntimeLinux): void {
  const own = (type: RuntimeNamespaceType) => linux.namespaces.find((each) => each.type === type);
  const isMapped = (name: "uidMappings" | "gidMappings") => linux[name].length > 0;
  for (const name of ["uidMappings", "gidMappings"] as const) {
    if (isMapped(name) && !own("user")) problem(member(node, name), "needs a user namespace in linux.namespaces");
    const isNewUser = own("user") !== undefined && own("user")?.path === undefined;
    if (!isMapped(name) && isNewUser) problem(member(node, name), "is missing, and the new user namespace needs it");
  }
  if (Object.keys(linux.timeOffsets).length > 0 && !own("time"))
    problem(member(node, "timeOffsets"), "needs a time namespace in linux.namespaces");
  for (const name of ["maskedPaths", "readonlyPaths"] as const)
    if (linux[name].length > 0 && !own("mount")) problem(member(node, name), "needs a mount namespace in linux.namespaces");
}

/** `namespaces` as they were read before: other sections ask for them, too; `own`: those of them that are not the host's. */
export function parseLinux(node: Node, namespaces: readonly RuntimeNamespace[], own: readonly RuntimeNamespace[]): RuntimeLinux {
  const linux: RuntimeLinux = given({
    namespaces,
    uidMappings: parseMappings(member(node, "uidMappings")),
    gidMappings: parseMappings(member(node, "gidMappings")),
    timeOffsets: parseTimeOffsets(member(node, "timeOffsets")),
    devices: parseDevices(member(node, "devices")),
    cgroupsPath: filled(member(node, "cgroupsPath")),
    resources: parseResources(member(node, "resources")),
    rootfsPropagation: propagationOf(member(node, "rootfsPropagation")),
    seccomp: parseSeccompSection(member(node, "seccomp")),
    sysctl: parseSysctls(member(node, "sysctl"), own),
    maskedPaths: pathsOf(member(node, "maskedPaths")),
    readonlyPaths: pathsOf(member(node, "readonlyPaths")),
    mountLabel: filled(member(node, "mountLabel")),
    personality: personalityOf(member(node, "personality")),
  });
  judgeOthers(node);
  judgeNamespaces(node, linux);
  return linux;
}
