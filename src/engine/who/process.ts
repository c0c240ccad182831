// Who a pid, an inode or a cgroup is: processes with their containers, namespaces and groups.
import { existsSync } from "node:fs";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import { readDescriptorHolders } from "../../kernel/proc/descriptor.ts";
import { listPids, readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { describeSocket } from "../../kernel/proc/socket.ts";
import { readProcessStat } from "../../kernel/proc/stat.ts";
import { renderNamespaceName } from "../../namespace/inode.ts";
import { namespaceKinds } from "../../namespace/spec.ts";
import type { Finding, InodeQuestion } from "../../namespace/who.ts";
import type { Engine } from "../engine.ts";
import { listNamespaces } from "../namespace/list.ts";
import type { Owners } from "../owner.ts";
import type { Answer } from "./answer.ts";

/** Namespaces of a process that are not tsns's own. */
function otherNamespaces(pid: number): readonly string[] {
  return namespaceKinds.flatMap((kind) => {
    const inode = readNamespaceInode(pid, kind);
    return inode === undefined || inode === readNamespaceInode("self", kind) ? [] : [renderNamespaceName({ kind, inode })];
  });
}

function processFinding(as: "pid" | "inode" | "cgroup", how: string, what: string, pid: number, owners: Owners): Finding {
  const owner = owners.ofPid(pid);
  return { as, how, what, pid, process: owners.commandOf(pid), ...(owner ? { owner } : {}), namespace: "" };
}

export function findProcess(owners: Owners, pid: number): Answer {
  const tried = `pid: process ${pid}`;
  const stat = readProcessStat(pid);
  if (!stat) return { findings: [], tried };
  const cgroups = [...new Set(owners.cgroupsOf(pid).map(({ path }) => path))];
  const namespaces = otherNamespaces(pid);
  const groups = cgroups.filter((path) => path !== "/");
  const parts = [
    owners.commandLineOf(pid),
    ...(groups.length > 0 ? [`cgroup ${groups.join(", ")}`] : []),
    ...(namespaces.length > 0 ? [`in ${namespaces.join(" ")}`] : []),
  ];
  const finding = processFinding("pid", "process", parts.join("; "), pid, owners);
  return { findings: [{ ...finding, detail: { parentPid: stat.parentPid, cgroups, namespaces } }], tried };
}

export function findInode(engine: Engine, owners: Owners, { inode, kind }: InodeQuestion): Answer {
  const findings: Finding[] = [];
  const isDescriptor = kind === "socket" || kind === "pipe";
  for (const namespace of isDescriptor ? [] : listNamespaces(engine)) {
    if (namespace.inode !== inode || (kind !== undefined && kind !== namespace.kind)) continue;
    const { processes, pid, owner } = namespace;
    const what = `${namespace.kind} namespace, ${processes === 0 ? `kept by ${namespace.path || "its children"}` : `${processes} ${processes === 1 ? "process" : "processes"}`}`;
    const process = pid > 0 ? owners.commandOf(pid) : "";
    findings.push({
      as: "inode",
      how: "namespace",
      what,
      pid,
      process,
      ...(owner ? { owner } : {}),
      namespace: renderNamespaceName({ kind: namespace.kind, inode }),
    });
  }
  for (const word of kind === undefined ? ["socket", "pipe"] : isDescriptor ? [kind] : []) {
    for (const pid of readDescriptorHolders(`${word}:[${inode}]`)) {
      const what = word === "socket" ? `socket ${describeSocket(pid, inode) ?? "of another family"}` : word;
      findings.push(processFinding("inode", word, what, pid, owners));
    }
  }
  return { findings, tried: "inode: namespaces, sockets and pipes" };
}

/** `/sys/fs/cgroup/memory/a/b` is `/a/b` of a hierarchy, as /proc/PID/cgroup has it. */
function cgroupPathOf(word: string, roots: readonly string[]): string {
  const root = roots.filter((candidate) => word === candidate || word.startsWith(`${candidate}/`)).sort((a, b) => b.length - a.length)[0];
  const path = root === undefined ? word : word.slice(root.length) || "/";
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

function cgroupRoots(): readonly string[] {
  try {
    const { unified, controllers } = readCgroupLayout();
    return [...new Set([...(unified === undefined ? [] : [unified]), ...Object.values(controllers)])];
  } catch {
    return []; // no cgroup file system: then only /proc tells
  }
}

/** The group of that path, or by its last name, and those below. */
export function findCgroup(owners: Owners, word: string): Answer {
  const roots = cgroupRoots();
  const wanted = cgroupPathOf(word, roots);
  const isMeant = (path: string) =>
    wanted.startsWith("/") ? path === wanted || path.startsWith(`${wanted}/`) : path.split("/").includes(wanted);
  const findings =
    wanted === "/"
      ? []
      : listPids().flatMap((pid): readonly Finding[] => {
          const path = owners.cgroupsOf(pid).find((membership) => isMeant(membership.path))?.path;
          return path === undefined ? [] : [processFinding("cgroup", "member", path, pid, owners)];
        });
  const tried = "cgroup: groups of all processes and the cgroup file systems";
  if (findings.length > 0 || wanted === "/") return { findings, tried };
  const directory = roots.map((root) => `${root}/${wanted.replace(/^\/+/, "")}`).find((path) => existsSync(path));
  if (directory === undefined) return { findings, tried };
  const owner = owners.ofCgroup(wanted.startsWith("/") ? wanted : `/${wanted}`);
  return {
    findings: [
      {
        as: "cgroup",
        how: "directory",
        what: `${directory}, no processes`,
        pid: 0,
        process: "",
        ...(owner ? { owner } : {}),
        namespace: "",
      },
    ],
    tried,
  };
}
