// A place in a template's tokens, as its parsers move it.
import { templateError } from "./fault.ts";
import type { Token } from "./lex.ts";

/** Of blocks, and of parentheses. */
export const maximumDepth = 100;

/** Place in the tokens, and the names a template may use. */
export class Cursor {
  readonly source: string;
  readonly functions: ReadonlySet<string>;
  readonly variables: string[] = ["$"];
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(source: string, tokens: readonly Token[], functions: ReadonlySet<string>) {
    this.source = source;
    this.tokens = tokens;
    this.functions = functions;
  }
  get token(): Token {
    return this.tokens[Math.min(this.index, this.tokens.length - 1)] ?? { kind: "end", value: "", at: 0 };
  }
  next(): Token {
    const { token } = this;
    this.index++;
    return token;
  }
  back(): void {
    this.index--;
  }
  skipSpace(): void {
    while (this.token.kind === "space") this.index++;
  }
  isPunctuation(value: string): boolean {
    return this.token.kind === "punctuation" && this.token.value === value;
  }
  error(message: string): Error {
    return templateError(this.source, this.token.at, message);
  }
}

/** A token in words, for an error. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "EOF";
    case "close":
      return '"}}"';
    case "space":
      return "space";
    case "field":
      return `<.${token.value}>`;
    case "identifier":
    case "variable":
      return `<${token.value}>`;
    default:
      return JSON.stringify(token.value);
  }
}
