// The words of a caller of an OCI runtime in the order and spelling that cmds/parse.ts reads: options before the word come after it, and one
// dash before a long name, which Go's flags allow, becomes two. native/oci-words.c does the first for dist/tsns-oci.
import type { OptionTable } from "../command.ts";

/** Of the options before the word: those that have a value, and all others that there are. */
const valued: ReadonlySet<string> = new Set(["root", "log", "log-format", "criu", "rootless"]);
const plain: ReadonlySet<string> = new Set(["debug", "systemd-cgroup"]);

/**
 * `--root DIR --debug create -b DIR ID` as `create --root=DIR --debug -b DIR ID`. What is no option of all commands stays where it is: whoever looks for the
 * word says so. `--version` is a word, and `help` is none. `rootless` has another meaning behind a word.
 */
export function wordFirst(words: readonly string[]): readonly string[] {
  const moved: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const [, name = "", attached] = /^--?([a-z-]+)(=.*)?$/s.exec(words[at] ?? "") ?? [];
    const ours = name === "rootless" ? "rootless-cgroup" : name;
    if (plain.has(name)) moved.push(`--${ours}${attached ?? ""}`);
    else if (!valued.has(name)) break;
    else if (attached !== undefined) moved.push(`--${ours}${attached}`);
    else if (at + 1 < words.length) moved.push(`--${ours}=${words[++at]}`);
    else break;
  }
  const [word, ...rest] = words.slice(at);
  if (word !== undefined && /^(-v|--?version)$/.test(word)) return ["version", ...moved];
  if (word === "help" || word === "h")
    return [
      ...wordFirst(rest)
        .slice(0, 1)
        .filter((asked) => !asked.startsWith("-")),
      "--help",
    ];
  return word === undefined || word.startsWith("-") ? words.slice(at) : [word, ...moved, ...rest];
}

/** Whether this is the name of an option before the word that has a value, alone. */
export const isValued = (word: string): boolean => valued.has(/^--?([a-z-]+)$/.exec(word)?.[1] ?? "");

/** `-bundle DIR` as `--bundle DIR`, up to where the options end. A single letter is a short option as everywhere. */
export function doubleDashes(table: OptionTable, words: readonly string[], interspersed: boolean): readonly string[] {
  const result: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--" || (!interspersed && !word.startsWith("-"))) return [...result, ...words.slice(at)];
    const name = /^-{1,2}([a-z][a-z0-9-]+)(?:=|$)/.exec(word)?.[1];
    const isLong = name !== undefined && (Object.hasOwn(table, name) || name === "help");
    result.push(isLong && !word.startsWith("--") ? `-${word}` : word);
    if (takesNext(table, word)) {
      at += 1;
      if (at < words.length) result.push(words[at] ?? "");
    }
  }
  return result;
}

/** Whether the word after this option is its value. */
function takesNext(table: OptionTable, word: string): boolean {
  const name = /^-{1,2}([A-Za-z][a-z0-9-]*)$/.exec(word)?.[1] ?? "";
  const option = Object.hasOwn(table, name) ? table[name] : Object.values(table).find(({ short }) => short === name);
  return option !== undefined && option.type !== "boolean" && option.bare === undefined;
}
