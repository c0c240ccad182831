// Where the machine keeps what it knows of terminals.
import { existsSync, readFileSync } from "node:fs";
import type { Env } from "./ability.ts";
import { parseTerminfo, type Terminfo } from "./terminfo.ts";

/** The terminal's entry, in any of the places where ncurses looks. */
export function readTerminfo({ TERM = "", TERMINFO, TERMINFO_DIRS, HOME }: Env): Terminfo | undefined {
  if (!/^[\w][\w.+-]*$/.test(TERM)) return undefined;
  const folders = [
    TERMINFO,
    HOME && `${HOME}/.terminfo`,
    ...(TERMINFO_DIRS ?? "").split(":"),
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
  ];
  for (const folder of folders.filter((name) => name !== undefined && name !== "")) {
    const files = [TERM.slice(0, 1), TERM.charCodeAt(0).toString(16)].map((part) => `${folder}/${part}/${TERM}`);
    const found = files.find((file) => existsSync(file));
    const parsed = found && parseTerminfo(readEntry(found));
    if (parsed) return parsed;
  }
  return undefined;
}

/** Nothing of a file that may not be read: the next folder may have one. */
function readEntry(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
