// Large rule sets are a few shapes with many addresses and ports in them: a shape is parsed and put into words once, and each rule fills
// in its own. Gives what parseMatch and describeRule give, or nothing for rules that are no plain case. Knows no names of containers.
import { parseMatch, type RuleMatch } from "./match.ts";
import { describeRule } from "./words.ts";

/** A rule's words with holes for what differs from rule to rule. */
export interface Shape {
  /** Of a rule of this shape: whatever its addresses and ports are, the rest is the same. */
  readonly match: RuleMatch;
  /** The sentence between the holes, and which hole follows each part. Undefined: to be put into words rule by rule. */
  readonly sentence: (local: boolean) => { readonly parts: readonly string[]; readonly holes: readonly number[] } | undefined;
}

export interface ShapedRule {
  readonly shape: Shape;
  /** Texts for the holes as they are spoken: addresses without /32, ports. */
  readonly values: readonly string[];
  /** Those of them that are addresses. */
  readonly addresses: readonly string[];
}

const host = /^\d+\.\d+\.\d+\.\d+\/32$/;
const port = /^\d{1,5}$/;
const target = /^(\d+\.\d+\.\d+\.\d+):(\d{1,5})$/;
const noNames = { of: () => undefined };

/** Stand-ins that no rule of a host has: class E addresses, and numbers that are found again in the sentence. */
const markAddress = (at: number): string => `255.254.253.${at}`;
const markPort = (at: number): string => `${64900 + at}`;
const marks = /255\.254\.253\.(\d+)|\b649(\d\d)\b/g;

/** Reads rules of one table; each chain has shapes of its own. `chains`: as for parseMatch. */
export function openShapes(chains: ReadonlySet<string>): (chain: string, args: readonly string[]) => ShapedRule | undefined {
  const known = new Map<string, Shape>();
  return (chain, args) => {
    let key = `${chain}\n`;
    const values: string[] = [];
    const addresses: string[] = [];
    for (let at = 0; at < args.length; at++) {
      const word = args[at] ?? "";
      const value = args[at + 1] ?? "";
      key += `${word}\n`;
      if ((word === "-s" || word === "-d") && host.test(value)) {
        const address = value.slice(0, -3);
        values.push(address);
        addresses.push(address);
      } else if ((word === "--dport" || word === "--sport") && port.test(value)) values.push(value);
      else if (word === "--to-destination" && target.test(value)) {
        const colon = value.indexOf(":");
        const address = value.slice(0, colon);
        values.push(address, value.slice(colon + 1));
        addresses.push(address);
      } else continue;
      at++;
      key += "\0";
    }
    if (values.length === 0 || values.length > 90) return undefined;
    let shape = known.get(key);
    if (!shape) {
      shape = makeShape(args, chains);
      known.set(key, shape);
    }
    return { shape, values, addresses };
  };
}

/** The arguments with a stand-in in each hole, in the order of the values. */
function markedArgs(args: readonly string[]): readonly string[] {
  const marked = [...args];
  let hole = 0;
  for (let at = 0; at + 1 < args.length; at++) {
    const [word, value] = [args[at] ?? "", args[at + 1] ?? ""];
    if ((word === "-s" || word === "-d") && host.test(value)) marked[++at] = `${markAddress(hole++)}/32`;
    else if ((word === "--dport" || word === "--sport") && port.test(value)) marked[++at] = markPort(hole++);
    else if (word === "--to-destination" && target.test(value)) marked[++at] = `${markAddress(hole++)}:${markPort(hole++)}`;
  }
  return marked;
}

function makeShape(args: readonly string[], chains: ReadonlySet<string>): Shape {
  const marked = markedArgs(args);
  const holeCount = marked.reduce((count, word, at) => count + (word === args[at] ? 0 : (word.match(marks) ?? []).length), 0);
  // A word of the rule that looks like a stand-in would be taken for a hole.
  const isAmbiguous = args.some((word) => word.match(marks) !== null);
  const sentences = [false, true].map((localOnly) => {
    const text = describeRule(parseMatch(marked, chains), { ...noNames, localOnly });
    const found = [...text.matchAll(marks)];
    if (isAmbiguous || found.length !== holeCount) return undefined;
    const holes = found.map((match) => Number(match[1] ?? match[2]));
    let from = 0;
    const parts = found.map((match) => {
      const part = text.slice(from, match.index);
      from = match.index + match[0].length;
      return part;
    });
    return { parts: [...parts, text.slice(from)], holes };
  });
  return { match: parseMatch(args, chains), sentence: (local) => sentences[local ? 1 : 0] };
}

/** The rule in words; undefined where it has to be described by itself. */
export function describeShaped({ shape, values }: ShapedRule, local: boolean): string | undefined {
  const sentence = shape.sentence(local);
  if (!sentence) return undefined;
  let text = sentence.parts[0] ?? "";
  for (let at = 0; at < sentence.holes.length; at++) text += (values[sentence.holes[at] ?? 0] ?? "") + (sentence.parts[at + 1] ?? "");
  return text;
}

const holes =
  /(?<=-[sd] )\d+\.\d+\.\d+\.\d+(?=\/32(?: |$))|(?<=--[sd]port )\d{1,5}(?= |$)|(?<=--to-destination )\d+\.\d+\.\d+\.\d+:\d{1,5}(?= |$)/g;
/** What may stand in a hole, by the kinds of holes: a port, an address, both. */
const fills = [/^\d{1,5}$/, /^\d+\.\d+\.\d+\.\d+$/, /^\d+\.\d+\.\d+\.\d+:\d{1,5}$/] as const;
type Kind = keyof typeof fills & (0 | 1 | 2);
const kindOf = (text: string): Kind => (text.includes(":") ? 2 : text.includes(".") ? 1 : 0);

/** The text of rules of one shape between what differs, and the shape; undefined for texts that have none. */
interface LineShape {
  readonly parts: readonly string[];
  readonly kinds: readonly Kind[];
  readonly shape: Shape | undefined;
}

/**
 * As openShapes, of rules as iptables-save prints them: lines that are not taken apart, nearly each like the one before. What openShapes
 * finds in the words of the first rule of a shape must be what is found in its text, else rules of that text have no shape.
 */
export function openLineShapes(
  chains: ReadonlySet<string>,
  argsOf: (body: string) => readonly string[],
): (chain: string, body: string) => ShapedRule | undefined {
  const shapeOf = openShapes(chains);
  const known = new Map<string, LineShape>();
  let [lastChain, last]: [string, LineShape | undefined] = ["", undefined];
  return (chain, body) => {
    const same = last?.shape && chain === lastChain ? fillShape(last, last.shape, body) : undefined;
    if (same) return same;
    const parts = body.includes('"') ? [] : body.split(holes);
    if (parts.length < 2) return shapeOf(chain, argsOf(body));
    const key = `${chain}\n${parts.join("\0")}`;
    last = known.get(key);
    lastChain = chain;
    if (!last) {
      const slow = shapeOf(chain, argsOf(body));
      const line = { parts, kinds: (body.match(holes) ?? []).map(kindOf) };
      const isSame = slow !== undefined && fillShape(line, slow.shape, body)?.values.join() === slow.values.join();
      last = { ...line, shape: isSame ? slow.shape : undefined };
      known.set(key, last);
    }
    return (last.shape && fillShape(last, last.shape, body)) ?? shapeOf(chain, argsOf(body));
  };
}

/** The rule of this text, if between the parts there is what may stand there. */
function fillShape({ parts, kinds }: Pick<LineShape, "parts" | "kinds">, shape: Shape, body: string): ShapedRule | undefined {
  const first = parts[0] ?? "";
  if (!body.startsWith(first)) return undefined;
  const values: string[] = [];
  const addresses: string[] = [];
  let from = first.length;
  for (let at = 1; at < parts.length; at++) {
    const part = parts[at] ?? "";
    const end = part === "" ? body.length : body.indexOf(part, from);
    const kind = kinds[at - 1] ?? 0;
    const text = body.slice(from, Math.max(end, from));
    if (!fills[kind].test(text)) return undefined;
    const colon = kind === 2 ? text.indexOf(":") : text.length;
    const value = text.slice(0, colon);
    values.push(value);
    if (kind !== 0) addresses.push(value);
    if (kind === 2) values.push(text.slice(colon + 1));
    from = end + part.length;
  }
  return from === body.length ? { shape, values, addresses } : undefined;
}
