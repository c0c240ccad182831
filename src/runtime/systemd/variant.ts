// Values in GVariant's text format (docs.gtk.org/glib, "GVariant Text Format") as types and words of D-Bus: what annotations of a configuration say
// properties with. Numbers, strings, truth values, arrays and tuples; dictionaries, maybes and variants no property of a unit has. Pure.
import { TsnsError } from "../../base/error.ts";

export interface DbusValue {
  readonly type: string;
  /** As busctl(1) takes them: an array begins with its length. */
  readonly words: readonly string[];
}

const keywords: Readonly<Record<string, string>> = {
  ...{ boolean: "b", byte: "y", int16: "n", uint16: "q", int32: "i", uint32: "u", int64: "x", uint64: "t" },
  ...{ double: "d", string: "s", objectpath: "o", signature: "g" },
};

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const token = /\s*(?:([[\](),])|@([a-z()]+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([-+]?[\w.][\w.+-]*))/suy;

type Token = { readonly mark?: string; readonly type?: string; readonly string?: string; readonly word?: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = token.lastIndex) {
    token.lastIndex = at;
    const [, mark, type, string, word] = token.exec(text) ?? wrong(`no value at ${JSON.stringify(text.slice(at))}`);
    tokens.push(mark ? { mark } : type ? { type } : string ? { string } : { word: word ?? "" });
  }
  return tokens;
}

function wrong(message: string): never {
  throw new TsnsError("invalid", "bad-property", message);
}

/** Throws TsnsError invalid for what is no such text. */
export function parseVariant(text: string): DbusValue {
  const tokens = tokensOf(text).reverse();
  const value = readValue(tokens);
  if (tokens.length > 0) wrong("more than one value");
  return value;
}

/** `tokens`: the next is the last. `type`: what is known of it before. */
function readValue(tokens: Token[], type?: string): DbusValue {
  const next = tokens.pop() ?? wrong("a value is missing");
  if (next.type !== undefined) return readValue(tokens, next.type);
  if (next.mark === "[") return arrayOf(tokens, type);
  if (next.mark === "(") return tupleOf(tokens);
  if (next.string !== undefined) return stringOf(next.string, type);
  const named = keywords[next.word ?? ""];
  if (named !== undefined) return readValue(tokens, named);
  return wordOf(next.word ?? wrong(`${next.mark} where a value should be`), type);
}

function arrayOf(tokens: Token[], type?: string): DbusValue {
  let element = type?.startsWith("a") ? type.slice(1) : undefined;
  const words: string[] = [];
  let count = 0;
  for (; tokens.at(-1)?.mark !== "]"; count++) {
    if (count > 0 && tokens.pop()?.mark !== ",") wrong("no comma between elements");
    const value = readValue(tokens, element);
    element ??= value.type;
    if (value.type !== element) wrong(`an array of ${element} and ${value.type}`);
    words.push(...value.words);
  }
  tokens.pop();
  return { type: `a${element ?? wrong("the type of an empty array is not said")}`, words: [`${count}`, ...words] };
}

function tupleOf(tokens: Token[]): DbusValue {
  const members: DbusValue[] = [];
  while (tokens.at(-1)?.mark !== ")") {
    if (members.length > 0 && tokens.pop()?.mark !== ",") wrong("no comma between members");
    if (tokens.at(-1)?.mark !== ")") members.push(readValue(tokens));
  }
  tokens.pop();
  return { type: `(${members.map(({ type }) => type).join("")})`, words: members.flatMap(({ words }) => words) };
}

function stringOf(quoted: string, type = "s"): DbusValue {
  if (!/^[sog]$/.test(type)) wrong(`${quoted} where ${type} should be`);
  const text = quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_, short, long, one) =>
      one === undefined ? String.fromCodePoint(Number.parseInt(short ?? long, 16)) : (escapes[one] ?? one),
    );
  return { type, words: [text] };
}

function wordOf(word: string, type?: string): DbusValue {
  if (word === "true" || word === "false")
    return type === undefined || type === "b" ? { type: "b", words: [word] } : wrong(`${word} where ${type} should be`);
  const isWhole = /^[-+]?(\d+|0x[0-9a-f]+)$/i.test(word);
  if (!isWhole && !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word)) wrong(`${JSON.stringify(word)} is no value`);
  const found = type ?? (isWhole ? "i" : "d");
  if (!(isWhole ? /^[ynqiuxtd]$/ : /^d$/).test(found)) wrong(`${word} where ${found} should be`);
  return { type: found, words: [word.replace(/^\+/, "")] };
}
