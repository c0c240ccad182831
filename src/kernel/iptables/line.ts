// What `iptables-save -c` prints, a line per rule and none of them taken apart: for lists of thousands, most of which are alike. Pure.
import type { TableName } from "../../plan/rule.ts";
import { type ChainState, parseChain, parseTable, unreadable } from "./parse.ts";
import { parseWords } from "./syntax.ts";

export interface RuleLine {
  readonly chain: string;
  /** As printed: decimal numbers of up to 64 bits. */
  readonly packets: string;
  readonly bytes: string;
  /** The arguments as printed, quotes included. */
  readonly body: string;
}

export interface TableLines {
  readonly table: TableName;
  readonly chains: readonly ChainState[];
  /** In the order of the listing. */
  readonly rules: readonly RuleLine[];
}

/** The arguments of a rule. */
export const argsOfLine = ({ body }: RuleLine): string[] => parseWords(body);

/** Reads the output of `iptables-save`, with or without `-c`. Throws TsnsError unsupported `iptables-output` naming the line. */
export function parseRuleLines(text: string): readonly TableLines[] {
  const tables: { table: TableName; chains: ChainState[]; rules: RuleLine[] }[] = [];
  let open: (typeof tables)[number] | undefined;
  let number = 0;
  // Most rules begin as the one before: "[0:0] -A CHAIN ".
  let head = "";
  let [chain, packets, bytes] = ["", "0", "0"];
  for (let from = 0; from < text.length; ) {
    let end = text.indexOf("\n", from);
    if (end < 0) end = text.length;
    const first = text.charCodeAt(from);
    if (open && (first === bracket || first === dash)) {
      if (head === "" || !text.startsWith(head, from)) {
        const rule = parseLine(text.slice(from, end), number);
        ({ chain, packets, bytes } = rule);
        head = rule.body === "" ? "" : text.slice(from, end - rule.body.length);
      }
      open.rules.push({ chain, packets, bytes, body: text.slice(head === "" ? end : from + head.length, end) });
    } else {
      const line = text.slice(from, end);
      if (line.startsWith("*")) {
        open = { table: parseTable(line, number), chains: [], rules: [] };
        tables.push(open);
      } else if (line.trim() === "COMMIT") open = undefined;
      else if (open && line.startsWith(":")) open.chains.push(parseChain(line, number));
      else if (line.trim() !== "" && !line.startsWith("#")) throw unreadable(line, number);
    }
    from = end + 1;
    number++;
  }
  return tables;
}

const bracket = "[".charCodeAt(0);
const dash = "-".charCodeAt(0);
const pattern = /^(?:\[(\d+):(\d+)\] )?-A ("(?:[^"\\]|\\.)*"|[^ "]+)(?: (.*))?$/;

/** The usual line, `[0:0] -A CHAIN ...`, by its blanks; the expression reads the others. */
function parseLine(line: string, number: number): RuleLine {
  const from = line.startsWith("[") ? line.indexOf("] -A ") : -1;
  const end = from < 0 ? -1 : line.indexOf(" ", from + 5);
  const colon = end < 0 ? -1 : line.indexOf(":");
  if (colon > 0 && colon < from && line[from + 5] !== '"') {
    const packets = line.slice(1, colon);
    const bytes = line.slice(colon + 1, from);
    if (digits.test(packets) && digits.test(bytes)) return { chain: line.slice(from + 5, end), packets, bytes, body: line.slice(end + 1) };
  }
  const match = pattern.exec(line);
  if (!match) throw unreadable(line, number);
  const [, packets = "0", bytes = "0", chain = "", body = ""] = match;
  return { chain: chain.startsWith('"') ? (parseWords(chain)[0] ?? "") : chain, packets, bytes, body };
}

const digits = /^\d+$/;
