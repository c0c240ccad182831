// Who uses a path: mounts and processes, as `tsns mount who` finds them, and who has a Unix socket bound there.
import { existsSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { readDescriptorHolders } from "../../kernel/proc/descriptor.ts";
import { readFirstMembers, readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { readUnixSocketInodes } from "../../kernel/proc/socket.ts";
import type { Finding } from "../../namespace/who.ts";
import type { Engine } from "../engine.ts";
import { whoUses } from "../mount/who.ts";
import type { Owners } from "../owner.ts";
import type { Answer } from "./answer.ts";

export function findPath(engine: Engine, owners: Owners, word: string, cwd: string): Answer {
  const path = isAbsolute(word) ? word : resolve(cwd, word);
  if (!existsSync(path)) return { findings: [], tried: `path: there is no ${path}` };
  if (statSync(path).isSocket()) return { findings: findSocket(owners, path), tried: `path: Unix sockets bound to ${path}` };
  const own = readNamespaceInode("self", "mnt");
  const findings = whoUses(engine, path).map(
    (user): Finding => ({
      as: "path",
      how: user.kind,
      what: user.path,
      pid: user.pid,
      process: user.pid > 0 ? owners.commandOf(user.pid) : user.command,
      ...(user.owner ? { owner: user.owner } : {}),
      namespace: user.namespace === own ? "" : `mnt:[${user.namespace}]`,
      detail: { mountId: user.mountId },
    }),
  );
  return { findings, tried: `path: mounts, open, current and mapped files at ${path}` };
}

/** The kernel tells the path a socket was bound to, in the words of whoever bound it. */
function findSocket(owners: Owners, path: string): readonly Finding[] {
  const inodes = new Set([...readFirstMembers("net").values()].flatMap((pid) => readUnixSocketInodes(pid, path)));
  return [...inodes].flatMap((inode) =>
    readDescriptorHolders(`socket:[${inode}]`).map((pid): Finding => {
      const owner = owners.ofPid(pid);
      const process = owners.commandOf(pid);
      return { as: "path", how: "socket", what: path, pid, process, ...(owner ? { owner } : {}), namespace: "", detail: { inode } };
    }),
  );
}
