// Where the programs of the system are looked for. Knows no program.

/** Directories every usual PATH has one of: a PATH without any of them leaves programs out on purpose. */
const usual: ReadonlySet<string> = new Set(["/bin", "/usr/bin", "/usr/local/bin"]);

/** What a process without PATH gets. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * PATH, and behind it sbin, which the PATH of an ordinary user and of somebody who became root by `su` lacks. A PATH without any
 * of the usual directories is taken as it is. native/ahead.c does the same.
 */
export function systemPath(path: string = process.env.PATH ?? defaultPath): string {
  const folders = path.split(":");
  return folders.some((folder) => usual.has(folder)) ? `${path}:/usr/sbin:/sbin` : path;
}

/** The directories of systemPath, each once, in order. Empty entries, which mean the working directory, are left out. */
export function systemFolders(path?: string): readonly string[] {
  return [...new Set(systemPath(path).split(":"))].filter((folder) => folder !== "");
}
