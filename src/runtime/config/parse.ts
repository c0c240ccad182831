// config.json of a bundle, process.json of `exec -p`, resources of `update -r`: text to values, judged as runtime-spec 1.2 says. Pure. Properties of
// other platforms and unknown ones are ignored (config.md, Extensibility); what is wrong is told all at once.
import { posix } from "node:path";
import { readDocument } from "./json.ts";
import { entries, filled, flag, given, isObjectNode, member, type Node, needed, neededText, problem, quote, text, warn } from "./node.ts";
import type { RuntimeResources } from "./resource.ts";
import { parseHooks } from "./section/hook.ts";
import { parseLinux } from "./section/linux.ts";
import { parseMounts } from "./section/mount.ts";
import { parseNamespaces } from "./section/namespace.ts";
import { parseProcess } from "./section/process.ts";
import { parseResources } from "./section/resource.ts";
import { type RuntimeConfig, type RuntimeNamespace, type RuntimeNamespaceType, type RuntimeProcess, specVersion } from "./type.ts";

/** What the judgement depends on beside the text. */
export interface ConfigHost {
  /** Labels need SELinux: without it they are a warning, with it an error, as nothing here sets them. */
  readonly hasSelinux: boolean;
  /** Bounding set of the runtime (CapBnd of proc_pid_status(5)): no container without a user namespace of its own can have more. Absent: everything. */
  readonly boundingSet?: bigint;
  /** Whether a path leads to the namespace that the runtime itself is in: what belongs to that is the host's. Absent: none does. */
  readonly isOwnNamespace?: (type: RuntimeNamespaceType, path: string) => boolean;
}

const plainHost: ConfigHost = { hasSelinux: false };

/** semver.org, version 2.0.0. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(?:\+[\da-zA-Z-]+(?:\.[\da-zA-Z-]+)*)?$/;

/** Versions of one major number understand each other; of what a later one brings nothing is known here. */
function versionOf(node: Node): string {
  const version = neededText(node);
  if (version === undefined) return specVersion;
  const [, major, minor] = semver.exec(version) ?? [];
  const [, , ownMinor] = semver.exec(specVersion) ?? [];
  if (major === undefined) problem(node, `${quote(version)} is no version such as 1.2.0 (semver.org)`);
  else if (major !== "1") problem(node, `${quote(version)} is not supported, versions 1.x.y are`);
  else if (Number(minor) > Number(ownMinor)) warn(node, `${version} is newer than ${specVersion}; what only it has is ignored`);
  return version;
}

function rootOf(node: Node): RuntimeConfig["root"] {
  if (!needed(node, isObjectNode)) return { path: "/", readonly: false };
  return { path: neededText(member(node, "path")) ?? "/", readonly: flag(member(node, "readonly")) ?? false };
}

function annotationsOf(node: Node): Readonly<Record<string, string>> {
  const pairs = entries(node).flatMap(([key, each]) => {
    if (key === "") problem(each, "has an empty key");
    const value = needed(each, text);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}

/** HOST_NAME_MAX of Linux, bytes. */
const longestName = 64;

/** `namespaces`: the container's own. */
function utsNameOf(node: Node, namespaces: readonly RuntimeNamespace[]): string | undefined {
  const name = filled(node);
  if (name === undefined) return undefined;
  if (Buffer.byteLength(name) > longestName) problem(node, `${quote(name)} is longer than ${longestName} bytes`);
  if (!namespaces.some(({ type }) => type === "uts")) problem(node, "needs a uts namespace of the container's own in linux.namespaces");
  return name;
}

/** `node`: where a label is, or is not. */
function judgeLabel(node: Node, label: string | undefined, { hasSelinux }: ConfigHost): void {
  if (label === undefined) return;
  if (hasSelinux) problem(node, "labels of SELinux are not supported");
  else warn(node, "there is no SELinux on this host, ignored");
}

function configOf(node: Node, bundle: string, host: ConfigHost): RuntimeConfig {
  const linux = member(node, "linux");
  isObjectNode(linux);
  const [process, ociVersion] = [member(node, "process"), versionOf(member(node, "ociVersion"))];
  const namespaces = parseNamespaces(member(linux, "namespaces"));
  const own = namespaces.filter(({ type, path }) => path === undefined || !host.isOwnNamespace?.(type, path));
  const hasUserNamespace = namespaces.some(({ type }) => type === "user");
  const parsed = isObjectNode(process) ? parseProcess(process, hasUserNamespace ? undefined : host.boundingSet) : undefined;
  const root = rootOf(member(node, "root"));
  const config: RuntimeConfig = given({
    ociVersion,
    process: parsed,
    root,
    hostname: utsNameOf(member(node, "hostname"), own),
    domainname: utsNameOf(member(node, "domainname"), own),
    mounts: parseMounts(member(node, "mounts"), { bundle, root: posix.resolve(bundle, root.path) }, hasUserNamespace),
    hooks: parseHooks(member(node, "hooks")),
    annotations: annotationsOf(member(node, "annotations")),
    linux: parseLinux(linux, namespaces, own),
  });
  judgeLabel(member(process, "selinuxLabel"), config.process?.selinuxLabel, host);
  judgeLabel(member(linux, "mountLabel"), config.linux.mountLabel, host);
  return config;
}

/** `bundle`: absolute; relative sources of bind mounts are below it. Throws TsnsError invalid: one line with all problems. */
export function parseRuntimeConfig(
  text: string,
  bundle: string,
  host: ConfigHost = plainHost,
): { readonly config: RuntimeConfig; readonly warnings: readonly string[] } {
  const { value, warnings } = readDocument(text, "config.json", (node) => configOf(node, bundle, host));
  return { config: value, warnings };
}

/** The document of `exec -p`; its capabilities may be those of another user namespace. Throws TsnsError invalid. */
export function parseRuntimeProcess(
  text: string,
  host: ConfigHost = plainHost,
): { readonly process: RuntimeProcess; readonly warnings: readonly string[] } {
  const { value, warnings } = readDocument(text, "process.json", (node) => {
    const process = parseProcess(node);
    judgeLabel(member(node, "selinuxLabel"), process.selinuxLabel, host);
    return process;
  });
  return { process: value, warnings };
}

/** The document of `update -r`: `linux.resources` alone. Throws TsnsError invalid. */
export function parseRuntimeResources(text: string): { readonly resources: RuntimeResources; readonly warnings: readonly string[] } {
  const { value, warnings } = readDocument(text, "resources", parseResources);
  return { resources: value, warnings };
}
