// What stands in an action: declarations, commands with operands, pipes between. Knows names of functions only to reject unknown ones.
import { type Cursor, describe, maximumDepth } from "./cursor.ts";
import { templateError } from "./fault.ts";
import type { Token } from "./lex.ts";
import type { Command, Operand, Pipeline } from "./node.ts";

export function parsePipeline(cursor: Cursor, context: string, depth: number): Pipeline {
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
