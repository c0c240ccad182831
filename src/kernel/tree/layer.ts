// Makes a layer's directory from its tar: unpacked in a temporary place, hashed on the way, put into place by one rename.
// Knows nothing of images or rows.

import { existsSync, mkdtempSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno, KernelError } from "../../base/error.ts";
import type { UnpackLimits } from "../../image/unpack-limit.ts";
import { ensureDirectory } from "./directory.ts";
import { readTar } from "./read-tar.ts";
import { displacedDirectory, openRecipeWriter } from "./recipe.ts";
import { removeTree } from "./remove.ts";
import { spreadTrees } from "./spread.ts";
import type { Chunks } from "./stream.ts";
import { openUnpacker, type Unpacked } from "./unpack.ts";

/** A layer that is complete but in nobody's way yet. */
export interface StagedLayer extends Unpacked {
  /** `sha256:<hex>` of the uncompressed tar. */
  readonly diffId: string;
  readonly path: string;
  /** How to write its tar again (recipe.ts). */
  readonly recipe?: string;
}

export interface StageOptions {
  readonly signal?: AbortSignal;
  /** Note how to write the tar again, in `path`.recipe: for a tar of which no other copy is kept. */
  readonly withRecipe?: boolean;
  /** As by default (src/image/unpack-limit.ts) when absent. */
  readonly limits?: UnpackLimits | undefined;
}

/**
 * Unpacks a tar, compressed or not, into `path` (made here; its parent exists and is private). On failure nothing is left.
 * Throws TsnsError invalid `bad-archive`, `archive-escape`, `unpack-limit`; the signal's reason when it aborts.
 */
export async function stageLayer(source: Chunks, path: string, options: StageOptions = {}): Promise<StagedLayer> {
  spreadOnce(dirname(path));
  makeDirectory(path);
  const recipePath = `${path}.recipe`;
  const recipe = options.withRecipe ? openRecipeWriter(recipePath) : undefined;
  const unpacker = openUnpacker(path, { recipe, limits: options.limits });
  try {
    const diffId = await readTar(source, unpacker, options.signal, options.limits);
    recipe?.finish();
    return { ...unpacker.finish(), diffId, path, ...(recipe ? { recipe: recipePath } : {}) };
  } catch (error) {
    unpacker.abandon();
    recipe?.abandon();
    removeTree(path, { within: dirname(path) });
    throw error;
  }
}

/**
 * Renames a staged layer into place, its recipe first: a layer that is seen has it. A directory that is there already is complete and
 * stays; the staged one is removed later.
 */
export function placeLayer(staged: Pick<StagedLayer, "path" | "recipe">, target: string): void {
  ensureDirectory(dirname(target), 0o700);
  if (staged.recipe !== undefined) placeRecipe(staged.recipe, `${target}.recipe`);
  try {
    renameSync(staged.path, target);
  } catch (error) {
    if (!isErrno(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/** Gives a layer its recipe; what was displaced goes first, since the recipe counts on it. Of a recipe that is there, both stay as they are. */
export function placeRecipe(staged: string, target: string): void {
  if (existsSync(target)) return;
  removeTree(displacedDirectory(target), { within: dirname(target) });
  displaceTree(displacedDirectory(staged), displacedDirectory(target));
  renameSync(staged, target);
}

/** Takes a directory out of sight by one rename; false when it is not there. */
export function displaceTree(path: string, target: string): boolean {
  try {
    renameSync(path, target);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

export function isPresent(path: string): boolean {
  return existsSync(path);
}

const spread = new Set<string>();

/** Once in a process: unpacking over inodes that were freed just now takes seven times as long. */
function spreadOnce(directory: string): void {
  if (spread.has(directory)) return;
  spread.add(directory);
  spreadTrees(directory);
}

/** Where ext4 lays a tree follows from the name it is made by: one by chance, so that the same layer comes to another place each time. */
function makeDirectory(path: string): void {
  try {
    renameSync(mkdtempSync(`${path}.`), path);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("mkdir", errno, path, { cause: error, hint: "run as root, or give --root DIR" });
  }
}
