// How iptables-save and iptables-restore write one line: words and quotes (xtables_save_string and add_param_to_argv of
// iptables' sources describe it). Knows no options.
import { TsnsError } from "../../base/error.ts";

/** Words that are written as they are. */
const plainWord = /^[A-Za-z0-9_./:,!=@%+~-]+$/;

/** One word for a restore line; quoted where needed. Throws TsnsError invalid `bad-rule` for line breaks and NUL, which have no notation. */
export function renderWord(word: string): string {
  if (plainWord.test(word)) return word;
  if (/[\n\r\0]/.test(word)) {
    throw new TsnsError("invalid", "bad-rule", `an iptables rule cannot hold ${JSON.stringify(word)}`, { hint: "remove the line break" });
  }
  return `"${word.replace(/["\\']/g, "\\$&")}"`;
}

/** The words of a line: split at blanks, quotes removed, backslash escapes inside quotes only. */
export function parseWords(line: string): string[] {
  // Most lines have no quotes; a large rule set is read this way in a third of the time.
  if (!line.includes('"')) {
    const plain = line.split(" ");
    return plain.includes("") || line.includes("\t") ? line.split(/[ \t]+/).filter((word) => word !== "") : plain;
  }
  const words: string[] = [];
  let word = "";
  let at = 0;
  const flush = (): void => {
    if (word !== "") words.push(word);
    word = "";
  };
  while (at < line.length) {
    const char = line[at] ?? "";
    if (char === '"') {
      flush();
      const [quoted, end] = readQuoted(line, at + 1);
      words.push(quoted);
      at = end;
    } else {
      if (char === " " || char === "\t") flush();
      else word += char;
      at += 1;
    }
  }
  flush();
  return words;
}

/** Text up to the closing quote, and where the line goes on. */
function readQuoted(line: string, start: number): [string, number] {
  let text = "";
  let at = start;
  while (at < line.length && line[at] !== '"') {
    if (line[at] === "\\" && at + 1 < line.length) at += 1;
    text += line[at];
    at += 1;
  }
  return [text, at + 1];
}
