// Extracts a layer tar into a directory. Fresh directories get overlay's whiteouts; on one that has contents already, whiteouts remove
// what was there before and never what the layer itself brings. Distrusts the archive, as src/kernel/tree/unpack.ts does.
import { chmodSync, chownSync, readdirSync, type Stats, statSync, utimesSync } from "node:fs";
import { openTarReader, type TarEntry, type TarSink } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import { openEntryCount, type UnpackLimits } from "../../image/unpack-limit.ts";
import { opaqueName, reservedPrefix, whiteoutPrefix } from "../../layer/whiteout.ts";
import { openKeeper } from "../tree/keep.ts";
import { type ByteString, toByteString } from "../tree/path.ts";
import { pushTar, readTar } from "../tree/read-tar.ts";
import { removeEntry } from "../tree/remove.ts";
import { archiveNames, joinInner, openResolver, readStat } from "../tree/resolve.ts";
import { type Chunks, readFileChunks } from "../tree/stream.ts";
import { openUnpacker, type Unpacked } from "../tree/unpack.ts";

export interface Applied extends Unpacked {
  /** `sha256:<hex>` of the uncompressed tar. */
  readonly diffId: string;
}

export interface ApplyTarOptions {
  readonly whiteouts: "overlay" | "delete";
  readonly signal?: AbortSignal;
  readonly limits?: UnpackLimits;
  /** Name of the hidden directory in which what was there is kept; absent for a directory that was made for the layer. */
  readonly kept?: string;
  /** The archive is no layer: no name in it means a whiteout. */
  readonly plain?: boolean;
}

/** `directory` is real and writable by the caller alone. After a failure what was in it before is in it again, and nothing else. */
export async function applyTar(source: Chunks, directory: string, options: ApplyTarOptions): Promise<Applied> {
  const wasEmpty = readdirSync(directory).length === 0;
  const before = statSync(directory);
  const keeper = options.kept === undefined && wasEmpty ? undefined : openKeeper(directory, options.kept);
  const unpacker = openUnpacker(directory, {
    ...(keeper ? { keeper } : {}),
    limits: options.limits,
    ...(options.plain ? { plain: true } : {}),
  });
  const take = (path: ByteString) => (keeper ? keeper.aside(path) : removeEntry(directory, path.split("/")));
  const deletion = options.whiteouts === "delete" ? openDeletion(directory, take) : undefined;
  let describesRoot = false;
  const sink: TarSink = {
    ...unpacker,
    entry(entry) {
      describesRoot ||= archiveNames(entry.path).length === 0;
      if (!deletion?.takes(entry)) unpacker.entry(entry);
    },
  };
  try {
    const diffId = await readTar(source, sink, options.signal, options.limits);
    const unpacked = unpacker.finish();
    deletion?.finish();
    const after = describesRoot ? statSync(directory) : before;
    keeper?.discard();
    restore(directory, after);
    return { ...unpacked, diffId };
  } catch (error) {
    unpacker.abandon();
    keeper?.restore();
    if (!keeper) for (const name of readdirSync(directory, { encoding: "latin1" })) removeEntry(directory, [name]);
    throw error;
  } finally {
    deletion?.close();
  }
}

/** A layer that says nothing of its root leaves the directory as it was; otherwise as it describes it. */
function restore(directory: string, { uid, gid, mode, atimeMs, mtimeMs }: Stats): void {
  chownSync(directory, uid, gid);
  chmodSync(directory, mode & 0o7777);
  utimesSync(directory, atimeMs / 1000, mtimeMs / 1000);
}

/** Reads an archive to its end without extracting: throws what is wrong with it before anything is changed. */
export async function checkTar(path: string, signal?: AbortSignal, limits?: UnpackLimits): Promise<void> {
  const count = openEntryCount(limits);
  const reader = openTarReader({
    entry(entry) {
      const { path: name, type, linkPath } = entry;
      count(entry);
      archiveNames(name);
      if (type === "link") archiveNames(linkPath);
    },
    data() {},
    end() {},
  });
  await pushTar(readFileChunks(path), reader, { signal, limits });
}

/** Notes what the layer brings and what it takes away; that is taken at the end. */
function openDeletion(directory: string, take: (path: ByteString) => void) {
  const resolver = openResolver(toByteString(directory));
  const brought = new Set<ByteString>();
  const gone: { readonly parent: readonly ByteString[]; readonly name: ByteString }[] = [];

  const inner = (names: readonly ByteString[]): ByteString => resolver.directory(names) ?? names.join("/");
  function bring(names: readonly ByteString[]): void {
    const name = names.at(-1);
    if (name === undefined) return;
    for (let path = joinInner(inner(names.slice(0, -1)), name); path !== ""; path = path.slice(0, Math.max(path.lastIndexOf("/"), 0))) {
      if (brought.has(path)) return;
      brought.add(path);
    }
  }
  /** What was in a directory before, at any depth. */
  function prune(path: ByteString): void {
    for (const name of readdirSync(resolver.full(path), { encoding: "latin1" })) remove(joinInner(path, name));
  }
  function remove(path: ByteString): void {
    const stat = readStat(resolver.full(path), path);
    if (!stat) return;
    if (!brought.has(path)) take(path);
    else if (stat.isDirectory()) prune(path);
  }
  const names: (readonly ByteString[])[] = [];
  return {
    close: () => resolver.close(),
    /** True for a whiteout, which is not extracted. */
    takes(entry: TarEntry): boolean {
      const path = archiveNames(entry.path);
      const name = path.at(-1) ?? "";
      if (!name.startsWith(whiteoutPrefix)) {
        names.push(path);
        return false;
      }
      const hidden = name.slice(whiteoutPrefix.length);
      if (name !== opaqueName && (hidden === "" || hidden === "." || hidden === "..")) throw badArchive(`${entry.path} hides no name`);
      if (name === opaqueName || !name.startsWith(reservedPrefix))
        gone.push({ parent: path.slice(0, -1), name: name === opaqueName ? "" : hidden });
      return true;
    },
    finish(): void {
      for (const path of names) bring(path);
      for (const { parent, name } of gone) {
        const within = resolver.directory(parent);
        if (within === undefined) continue;
        if (name === "") prune(within);
        else remove(joinInner(within, name));
      }
    },
  };
}
