// Template text to tokens: literal text, and inside {{ }} names, fields, constants and punctuation, as Go's text/template
// cuts them. Knows no grammar.
import { templateError } from "./fault.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "space"
  | "identifier"
  | "field"
  | "variable"
  | "dot"
  | "number"
  | "string"
  | "punctuation"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Literal text, name without dot, decoded string, or the characters. */
  readonly value: string;
  /** Offset in the template. */
  readonly at: number;
}

/** All tokens, "end" last. Trim markers and comments are gone. Throws TsnsError invalid. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trim = false;
  for (;;) {
    const open = source.indexOf("{{", at);
    let text = source.slice(at, open === -1 ? undefined : open);
    if (trim) text = text.replace(/^[ \t\r\n]+/, "");
    const trimsBefore = open !== -1 && source[open + 2] === "-" && isSpace(source[open + 3]);
    if (trimsBefore) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") tokens.push({ kind: "text", value: text, at });
    if (open === -1) break;
    const inside = open + (trimsBefore ? 4 : 2);
    const end = source.startsWith("/*", inside) ? skipComment(source, inside) : lexAction(source, open, inside, tokens);
    at = end.at;
    trim = end.trim;
  }
  tokens.push({ kind: "end", value: "", at: source.length });
  return tokens;
}

interface ActionEnd {
  readonly at: number;
  readonly trim: boolean;
}

function closing(source: string, at: number): ActionEnd | undefined {
  if (source.startsWith("}}", at)) return { at: at + 2, trim: false };
  if (isSpace(source[at]) && source.startsWith("-}}", at + 1)) return { at: at + 4, trim: true };
  return undefined;
}

function skipComment(source: string, at: number): ActionEnd {
  const end = source.indexOf("*/", at);
  if (end === -1) throw templateError(source, at, "unclosed comment");
  const close = closing(source, end + 2);
  if (!close) throw templateError(source, at, "comment ends before closing delimiter");
  return close;
}

function lexAction(source: string, open: number, start: number, tokens: Token[]): ActionEnd {
  tokens.push({ kind: "open", value: "{{", at: open });
  let at = start;
  let parens = 0;
  for (;;) {
    const close = closing(source, at);
    if (close) {
      if (parens > 0) throw templateError(source, at, "unclosed left paren");
      tokens.push({ kind: "close", value: "}}", at });
      return close;
    }
    if (at >= source.length) throw templateError(source, open, "unclosed action");
    const { token, next } = lexToken(source, at);
    if (token.kind === "punctuation" && token.value === "(") parens++;
    if (token.kind === "punctuation" && token.value === ")" && --parens < 0) throw templateError(source, at, "unexpected right paren");
    tokens.push(token);
    at = next;
  }
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /[ \t\r\n]+?(?=[ \t\r\n]-\}\})|[ \t\r\n]+/y],
  ["number", /[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?)(?![\p{L}\p{N}_.])/uy],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["dot", /\.(?![\p{L}\p{N}_.])/uy],
  ["variable", /\$([\p{L}_][\p{L}\p{N}_]*)?/uy],
  ["identifier", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`|'(?:[^'\\\n]|\\[^\n])+'/y],
  ["punctuation", /:=|[=|(),]/y],
];

function lexToken(source: string, at: number): { token: Token; next: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const raw = pattern.exec(source)?.[0];
    if (raw === undefined) continue;
    const token = raw.startsWith("'") ? characterToken(source, at, raw) : { kind, value: tokenValue(source, kind, raw, at), at };
    return { token, next: at + raw.length };
  }
  throw templateError(source, at, badCharacter(source, at));
}

function tokenValue(source: string, kind: TokenKind, raw: string, at: number): string {
  if (kind === "field") return raw.slice(1);
  if (kind !== "string") return raw;
  return raw.startsWith("`") ? raw.slice(1, -1) : unquote(source, raw.slice(1, -1), at);
}

/** 'a' is a number in Go: the code point. */
function characterToken(source: string, at: number, raw: string): Token {
  const text = [...unquote(source, raw.slice(1, -1), at)];
  if (text.length !== 1) throw templateError(source, at, `malformed character constant: ${raw}`);
  return { kind: "number", value: String(text[0]?.codePointAt(0)), at };
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

function unquote(source: string, body: string, at: number): string {
  return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
    const simple = escapes[code];
    if (simple !== undefined) return simple;
    const point = /^[0-7]{3}$/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
    if (Number.isNaN(point) || point > 0x10ffff) throw templateError(source, at, `invalid escape \\${code[0]} in string`);
    return String.fromCodePoint(point);
  });
}

function badCharacter(source: string, at: number): string {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '"') return "unterminated quoted string";
  if (character === "`") return "unterminated raw quoted string";
  if (character === "'") return "unterminated character constant";
  if (/[0-9+.-]/.test(character)) return `bad number syntax: ${JSON.stringify(/^[^\s{}|()]*/.exec(source.slice(at))?.[0])}`;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `unexpected bad character U+${code}${/[\p{C}]/u.test(character) ? "" : ` '${character}'`} in command`;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}
