// Copies the image's content into an empty volume. A kill at any moment leaves the volume empty, or with the whole content beside it, which the
// next one moves in: what is half copied is never taken for the volume's own. The caller sees to it that nobody else does the same meanwhile.
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { openTarReader } from "../../image/tar.ts";
import { isOwnAttribute, type LayerEntry } from "../../layer/entry.ts";
import type { VolumeFill } from "../../plan/step/volume.ts";
import { exportSubtree } from "../layer/subtree.ts";
import { applyNodes } from "../tree/node-batch.ts";
import { toByteString, toFsPath } from "../tree/path.ts";
import { removeTree } from "../tree/remove.ts";
import { openUnpacker } from "../tree/unpack.ts";

/** Directories beside the data, or in it where that is a mount of its own: being copied, and complete. */
export const fillingName = ".tsns-filling";
export const filledName = ".tsns-filled";

/** Nothing is in it but what a killed copy has left. */
export function isEmptyVolume(data: string): boolean {
  try {
    return readdirSync(data).every((name) => name === fillingName || name === filledName);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    throw error;
  }
}

/** Lines about what the file system would not take. Does nothing when the volume has content. */
export function fillVolume({ layers, source, data, stage, uidShift, gidShift }: VolumeFill): readonly string[] {
  moveFilled(stage, data);
  if (!isEmptyVolume(data)) return [];
  const filling = `${stage}/${fillingName}`;
  removeTree(filling, { within: stage });
  guarded("mkdir", filling, () => mkdirSync(filling, { mode: 0o700 }));
  const unpacker = openUnpacker(filling, { plain: true });
  const warnings: string[] = [];
  try {
    const reader = openTarReader(unpacker);
    const found = exportSubtree(layers, toByteString(source), (bytes) => reader.push(Buffer.from(bytes)), { uidShift, gidShift });
    reader.finish();
    warnings.push(...(found?.exported.warnings ?? []), ...unpacker.finish().warnings);
    if (found) setRoot(data, found.root);
  } catch (error) {
    unpacker.abandon();
    removeTree(filling, { within: stage });
    throw error;
  }
  guarded("rename", filling, () => renameSync(filling, `${stage}/${filledName}`));
  moveFilled(stage, data);
  return warnings;
}

/** Moves what was copied whole into the volume; nothing to do is the usual case. */
export function moveFilled(stage: string, data: string): void {
  const filled = `${stage}/${filledName}`;
  if (!existsSync(filled)) return;
  guarded("rename", data, () => {
    for (const name of readdirSync(filled, { encoding: "latin1" })) {
      const target = toFsPath(`${toByteString(data)}/${name}`);
      renameSync(toFsPath(`${toByteString(filled)}/${name}`), target);
    }
    rmdirSync(filled);
  });
}

/** The volume's own directory becomes what the image's is. */
function setRoot(data: string, { uid, gid, mode, xattrs }: LayerEntry): void {
  const own = [...xattrs].filter(([name]) => isOwnAttribute(name));
  if (own.length > 0)
    applyNodes(
      data,
      own.map(([name, value]) => ({ operation: "setxattr", path: "", name, value })),
    );
  guarded("chown", data, () => {
    chownSync(data, uid, gid);
    chmodSync(data, mode);
  });
}

function guarded(syscall: string, path: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (error instanceof Error && "code" in error) throw new KernelError(syscall, String(error.code), path, { cause: error });
    throw error;
  }
}
