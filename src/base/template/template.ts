// Go templates as docker's --format takes them: the façade over lexer, parser and evaluator.
// Not there: {{define}}, {{template}}, {{block}}, complex numbers, methods of Go types other than those a view offers.
import { escapeControlExceptLayout } from "../text.ts";
import { evaluate } from "./evaluate.ts";
import { type FunctionTable, functions } from "./function.ts";
import { parse } from "./parse.ts";

export { asMap } from "./value.ts";

export interface Template {
  /** Text for one value. */
  render(data: unknown): string;
}

export interface TemplateOptions {
  /** More functions, or others of the same name. */
  readonly functions?: FunctionTable;
  /** Applied to what actions print; by default control characters become visible, new lines and tabs stay. */
  readonly escape?: (text: string) => string;
}

/** Parses once, to be rendered for many values. Throws TsnsError invalid, code "bad-template". */
export function parseTemplate(source: string, options: TemplateOptions = {}): Template {
  const table: FunctionTable = options.functions ? Object.assign(Object.create(null), functions, options.functions) : functions;
  const nodes = parse(source, new Set([...Object.keys(table), "and", "or"]));
  const visible = options.escape ?? escapeControlExceptLayout;
  return { render: (data) => evaluate(nodes, data, { source, functions: table, escape: visible }) };
}

/** Parses and renders. Throws TsnsError invalid, code "bad-template" or "template-failed". */
export function renderTemplate(source: string, data: unknown, options: TemplateOptions = {}): string {
  return parseTemplate(source, options).render(data);
}
