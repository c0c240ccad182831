// Manifest lists that are being put together, in docker's own directory (DOCKER_CONFIG/manifests), so that docker and tsns see the same ones.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { entryObject, fileNameOf, type ListEntry, parseEntry } from "../../image/manifest-list.ts";

export interface ListStore {
  /** Directory of a list. */
  path(list: string): string;
  /** In the order of their names, as docker takes them; undefined when there is no such list. */
  read(list: string): readonly ListEntry[] | undefined;
  put(list: string, entry: ListEntry): void;
  /** False when there was none. */
  remove(list: string): boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Touches nothing yet. Throws TsnsError unavailable `no-home`. */
export function openListStore(env: Environment): ListStore {
  const config = env.DOCKER_CONFIG || (env.HOME ? `${env.HOME}/.docker` : undefined);
  if (config === undefined) {
    throw new TsnsError("unavailable", "no-home", "there is no place for manifest lists: neither DOCKER_CONFIG nor HOME is set", {
      hint: "set HOME",
    });
  }
  const path = (list: string) => `${config}/manifests/${fileNameOf(list)}`;
  return {
    path,
    read(list) {
      return guard(path(list), () => {
        const names = namesIn(path(list));
        return names?.map((name) => parseEntry(readFileSync(`${path(list)}/${name}`, "utf8"), `${path(list)}/${name}`));
      });
    },
    put(list, entry) {
      guard(path(list), () => {
        mkdirSync(path(list), { recursive: true, mode: 0o700 });
        const file = `${path(list)}/${fileNameOf(entry.reference)}`;
        // the name with a dot is none of a reference
        const staged = `${path(list)}/.${process.pid}`;
        writeFileSync(staged, JSON.stringify(entryObject(entry)), { mode: 0o644 });
        renameSync(staged, file);
      });
    },
    remove(list) {
      return guard(path(list), () => {
        if (namesIn(path(list)) === undefined) return false;
        rmSync(path(list), { recursive: true });
        return true;
      });
    },
  };
}

function namesIn(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function guard<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof TsnsError || !(error instanceof Error) || !("code" in error)) throw error;
    throw new KernelError("open", String(error.code), path, { cause: error, ...pathHint(String(error.code), path) });
  }
}
