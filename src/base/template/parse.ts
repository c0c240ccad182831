// Tokens to a tree: actions and blocks. Knows names of functions only to reject unknown ones; does not evaluate.
import { Cursor, describe, maximumDepth } from "./cursor.ts";
import { lex } from "./lex.ts";
import type { Node } from "./node.ts";
import { parsePipeline } from "./parse-pipeline.ts";

/** Parses a template; `functions` are the names it may call. Throws TsnsError invalid. */
export function parse(source: string, functions: ReadonlySet<string>): Node[] {
  const cursor = new Cursor(source, lex(source), functions);
  const { nodes, stop } = parseBlock(cursor, 0, 0);
  if (stop !== "") throw cursor.error(`unexpected {{${stop}}}`);
  return nodes;
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
