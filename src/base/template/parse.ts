// Tokens to a tree: actions, blocks, pipelines. Knows names of functions only to reject unknown ones; does not evaluate.
import { templateError } from "./fault.ts";
import { lex, type Token } from "./lex.ts";
import type { Command, Node, Operand, Pipeline } from "./node.ts";

const maximumDepth = 100;

/** Parses a template; `functions` are the names it may call. Throws TsnsError invalid. */
export function parse(source: string, functions: ReadonlySet<string>): Node[] {
  const cursor = new Cursor(source, lex(source), functions);
  const { nodes, stop } = parseBlock(cursor, 0, 0);
  if (stop !== "") throw cursor.error(`unexpected {{${stop}}}`);
  return nodes;
}

/** Place in the tokens, and the names a template may use. */
class Cursor {
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

interface Block {
  readonly nodes: Node[];
  /** What ended it: "end", "else", or "" for the end of the template. After "else" the cursor stands behind that word. */
  readonly stop: "" | "end" | "else";
}

function parseBlock(cursor: Cursor, depth: number, loops: number): Block {
  if (depth > maximumDepth) throw cursor.error("blocks nested too deep");
  const nodes: Node[] = [];
  for (;;) {
    const token = cursor.next();
    if (token.kind === "end") {
      if (depth > 0) throw cursor.error("unexpected EOF");
      return { nodes, stop: "" };
    }
    if (token.kind === "text") {
      nodes.push({ kind: "text", text: token.value });
      continue;
    }
    cursor.skipSpace();
    const word = cursor.token.kind === "identifier" ? cursor.token.value : "";
    switch (word) {
      case "end":
        cursor.next();
        expectClose(cursor, "end");
        return { nodes, stop: "end" };
      case "else":
        cursor.next();
        return { nodes, stop: "else" };
      case "if":
      case "with":
      case "range":
        cursor.next();
        nodes.push(parseControl(cursor, word, depth, loops));
        break;
      case "break":
      case "continue":
        if (loops === 0) throw cursor.error(`{{${word}}} outside {{range}}`);
        cursor.next();
        expectClose(cursor, word);
        nodes.push(word === "break" ? { kind: "break" } : { kind: "continue" });
        break;
      case "define":
      case "template":
      case "block":
        throw cursor.error(`{{${word}}} is not available here`);
      default: {
        const pipeline = parsePipeline(cursor, "command", depth);
        expectClose(cursor, "command");
        nodes.push({ kind: "action", pipeline });
      }
    }
  }
}

function expectClose(cursor: Cursor, context: string): void {
  cursor.skipSpace();
  if (cursor.token.kind !== "close") throw cursor.error(`unexpected ${describe(cursor.token)} in ${context}`);
  cursor.next();
}

function parseControl(cursor: Cursor, kind: "if" | "with" | "range", depth: number, loops: number): Node {
  const variables = cursor.variables.length;
  const pipeline = parsePipeline(cursor, kind, depth);
  expectClose(cursor, kind);
  const block = parseBlock(cursor, depth + 1, loops + (kind === "range" ? 1 : 0));
  let otherwise: readonly Node[] = [];
  if (block.stop === "else") otherwise = parseElse(cursor, kind, depth, loops);
  cursor.variables.length = variables;
  return { kind, pipeline, body: block.nodes, otherwise };
}

function parseElse(cursor: Cursor, kind: "if" | "with" | "range", depth: number, loops: number): readonly Node[] {
  cursor.skipSpace();
  // {{else if}} and {{else with}} are a block inside the else, closed by the same {{end}}.
  if (kind !== "range" && cursor.token.kind === "identifier" && cursor.token.value === kind) {
    cursor.next();
    if (depth > maximumDepth) throw cursor.error("blocks nested too deep");
    return [parseControl(cursor, kind, depth + 1, loops)];
  }
  expectClose(cursor, "else");
  const block = parseBlock(cursor, depth + 1, loops);
  if (block.stop !== "end") throw cursor.error(`expected end; found {{${block.stop}}}`);
  return block.nodes;
}

function parsePipeline(cursor: Cursor, context: string, depth: number): Pipeline {
  if (depth > maximumDepth) throw cursor.error("parentheses nested too deep");
  cursor.skipSpace();
  const at = cursor.token.at;
  const declaration = parseDeclaration(cursor, context);
  const commands: Command[] = [];
  for (;;) {
    commands.push(parseCommand(cursor, context, depth));
    cursor.skipSpace();
    if (!cursor.isPunctuation("|")) break;
    cursor.next();
  }
  for (const [first] of commands.slice(1)) {
    if (first && first.fields.length === 0 && ["dot", "nil", "literal"].includes(first.base.kind) && first.text !== ".") {
      throw templateError(
        cursor.source,
        first.at,
        `non executable command in pipeline stage ${commands.findIndex((c) => c[0] === first) + 1}`,
      );
    }
  }
  if (!declaration.assigns) cursor.variables.push(...declaration.variables);
  return { ...declaration, commands, at, text: cursor.source.slice(at, cursor.token.at).trim() };
}

/** `$x :=`, `$x =`, in range also `$i, $v :=`. Without one of them the cursor stays where it was. */
function parseDeclaration(cursor: Cursor, context: string): { variables: string[]; assigns: boolean } {
  const variables: string[] = [];
  let taken = 0;
  const next = (): Token => {
    taken++;
    return cursor.next();
  };
  const giveBack = (): { variables: string[]; assigns: boolean } => {
    while (taken-- > 0) cursor.back();
    return { variables: [], assigns: false };
  };
  const skip = (): void => {
    while (cursor.token.kind === "space") next();
  };
  while (cursor.token.kind === "variable") {
    variables.push(next().value);
    skip();
    if (cursor.isPunctuation(":=") || cursor.isPunctuation("=")) {
      const assigns = next().value === "=";
      const unknown = assigns ? variables.find((name) => !cursor.variables.includes(name)) : undefined;
      if (unknown) throw cursor.error(`undefined variable ${JSON.stringify(unknown)}`);
      if (variables.length > 2) throw cursor.error("too many declarations in range");
      return { variables, assigns };
    }
    if (!cursor.isPunctuation(",") || context !== "range") return giveBack();
    next();
    skip();
  }
  return giveBack();
}

function parseCommand(cursor: Cursor, context: string, depth: number): Command {
  const operands: Operand[] = [];
  for (;;) {
    cursor.skipSpace();
    const operand = parseOperand(cursor, depth);
    if (!operand) break;
    operands.push(operand);
    if (cursor.token.kind !== "space") break;
  }
  const [first] = operands;
  if (!first) {
    const { kind } = cursor.token;
    throw cursor.error(
      kind === "close" || kind === "punctuation" ? `missing value for ${context}` : `unexpected ${describe(cursor.token)} in ${context}`,
    );
  }
  if (first.base.kind === "nil") throw templateError(cursor.source, first.at, "nil is not a command");
  return operands;
}

function parseOperand(cursor: Cursor, depth: number): Operand | undefined {
  const { token } = cursor;
  const base = parseBase(cursor, depth);
  if (!base) return undefined;
  const fields: string[] = token.kind === "field" ? [token.value] : [];
  while (cursor.token.kind === "field") {
    if (base.kind === "literal" || base.kind === "nil") throw cursor.error(`unexpected . after term ${JSON.stringify(token.value)}`);
    fields.push(cursor.next().value);
  }
  const end = cursor.token;
  if (!["space", "close", "end"].includes(end.kind) && !(end.kind === "punctuation" && (end.value === ")" || end.value === "|"))) {
    throw cursor.error(`unexpected ${describe(end)} in operand`);
  }
  return { base, fields, at: token.at, text: cursor.source.slice(token.at, end.at) };
}

function parseBase(cursor: Cursor, depth: number): Operand["base"] | undefined {
  const { token } = cursor;
  switch (token.kind) {
    case "dot":
    case "field":
      cursor.next();
      return { kind: "dot" };
    case "variable":
      if (!cursor.variables.includes(token.value)) throw cursor.error(`undefined variable ${JSON.stringify(token.value)}`);
      cursor.next();
      return { kind: "variable", name: token.value };
    case "string":
      cursor.next();
      return { kind: "literal", value: token.value };
    case "number":
      cursor.next();
      return { kind: "literal", value: parseNumber(token.value) };
    case "identifier":
      cursor.next();
      return parseWord(cursor, token);
    case "punctuation": {
      if (token.value !== "(") return undefined;
      cursor.next();
      const pipeline = parsePipeline(cursor, "parenthesized pipeline", depth + 1);
      if (!cursor.isPunctuation(")")) throw cursor.error(`unexpected ${describe(cursor.token)} in parenthesized pipeline`);
      cursor.next();
      return { kind: "pipeline", pipeline };
    }
    default:
      return undefined;
  }
}

function parseWord(cursor: Cursor, token: Token): Operand["base"] {
  if (token.value === "true" || token.value === "false") return { kind: "literal", value: token.value === "true" };
  if (token.value === "nil") return { kind: "nil" };
  if (!cursor.functions.has(token.value)) {
    throw templateError(cursor.source, token.at, `function ${JSON.stringify(token.value)} not defined`);
  }
  return { kind: "function", name: token.value };
}

function parseNumber(text: string): number {
  const digits = text.replaceAll("_", "").replace(/^\+/, "");
  const octal = /^(-?)0([0-7]+)$/.exec(digits);
  if (octal) return Number(`${octal[1]}${Number.parseInt(octal[2] ?? "0", 8)}`);
  return digits.startsWith("-") ? -Number(digits.slice(1)) : Number(digits);
}

function describe(token: Token): string {
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
