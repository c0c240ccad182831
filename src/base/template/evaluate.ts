// Applies a parsed template to a value. Work and output are bounded, so that no template runs for ever.
import { nearest } from "../text.ts";
import { executionError } from "./fault.ts";
import { arity, CallError, type FunctionTable } from "./function.ts";
import type { Block, Command, Node, Operand, Pipeline } from "./node.ts";
import { formatValue, isMap, isStruct, isTrue, lookUp, mapEntries, typeName } from "./value.ts";

export interface EvaluateOptions {
  readonly source: string;
  readonly functions: FunctionTable;
  /** Applied to what actions print, not to the template's own text. */
  readonly escape: (text: string) => string;
}

const mostSteps = 200_000;
const mostCharacters = 1 << 25;

/** Text of the template for `data`. Throws TsnsError invalid. */
export function evaluate(nodes: readonly Node[], data: unknown, options: EvaluateOptions): string {
  const state: State = { options, scope: [{ name: "$", value: data }], output: [], steps: 0, characters: 0 };
  walk(state, nodes, data);
  return state.output.join("");
}

interface State {
  readonly options: EvaluateOptions;
  readonly scope: { name: string; value: unknown }[];
  readonly output: string[];
  steps: number;
  characters: number;
}

type Flow = "on" | "break" | "continue";

function walk(state: State, nodes: readonly Node[], dot: unknown): Flow {
  const depth = state.scope.length;
  let flow: Flow = "on";
  for (const node of nodes) {
    if (node.kind === "text") write(state, node.text, 0, "text");
    else if (node.kind === "break") flow = "break";
    else if (node.kind === "continue") flow = "continue";
    else if (node.kind === "action") {
      const value = evaluatePipeline(state, node.pipeline, dot);
      if (node.pipeline.variables.length === 0) {
        write(state, state.options.escape(formatValue(value)), node.pipeline.at, node.pipeline.text);
      }
    } else flow = walkBlock(state, node, dot);
    if (flow !== "on") break;
  }
  state.scope.length = depth;
  return flow;
}

function write(state: State, text: string, at: number, what: string): void {
  spend(state, text.length, at, what);
  state.output.push(text);
}

function spend(state: State, characters: number, at: number, what: string): void {
  state.characters += characters;
  if (++state.steps > mostSteps || state.characters > mostCharacters) {
    throw executionError(state.options.source, at, what, "the template does not come to an end");
  }
}

function walkBlock(state: State, node: Block, dot: unknown): Flow {
  const depth = state.scope.length;
  let flow: Flow = "on";
  const value = evaluatePipeline(state, node.pipeline, dot, node.kind === "range");
  if (node.kind === "range") flow = walkRange(state, node, value, dot);
  else if (isTrue(value)) flow = walk(state, node.body, node.kind === "with" ? value : dot);
  else flow = walk(state, node.otherwise, dot);
  state.scope.length = depth;
  return flow;
}

function walkRange(state: State, node: Block, value: unknown, dot: unknown): Flow {
  const { pipeline } = node;
  let any = false;
  for (const [key, item] of elements(state, pipeline, value)) {
    any = true;
    const depth = state.scope.length;
    const [first, second] = pipeline.variables;
    if (first && second) {
      bind(state, pipeline, first, key);
      bind(state, pipeline, second, item);
    } else if (first) bind(state, pipeline, first, item);
    spend(state, 0, pipeline.at, pipeline.text);
    const flow = walk(state, node.body, item);
    state.scope.length = depth;
    if (flow === "break") break;
  }
  return any ? "on" : walk(state, node.otherwise, dot);
}

function* elements(state: State, pipeline: Pipeline, value: unknown): Generator<[unknown, unknown]> {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) yield* value.entries();
  else if (isMap(value)) yield* mapEntries(value);
  else if (typeof value === "number" && Number.isInteger(value)) for (let i = 0; i < value; i++) yield [i, i];
  else
    throw executionError(
      state.options.source,
      pipeline.at,
      pipeline.text,
      `range can't iterate over ${formatValue(value, 1).slice(0, 40)}`,
    );
}

function bind(state: State, pipeline: Pipeline, name: string, value: unknown): void {
  const known = pipeline.assigns ? state.scope.findLast((variable) => variable.name === name) : undefined;
  if (known) known.value = value;
  else state.scope.push({ name, value });
}

function evaluatePipeline(state: State, pipeline: Pipeline, dot: unknown, ranges = false): unknown {
  let value: unknown;
  pipeline.commands.forEach((command, i) => {
    value = evaluateCommand(state, command, dot, i > 0 ? [value] : []);
  });
  if (!ranges) for (const name of pipeline.variables) bind(state, pipeline, name, value);
  return value;
}

function evaluateCommand(state: State, command: Command, dot: unknown, piped: readonly unknown[]): unknown {
  const [first, ...rest] = command;
  if (!first) return undefined;
  spend(state, 0, first.at, first.text);
  if (first.base.kind === "function" && first.fields.length === 0) return callFunction(state, first, first.base.name, rest, dot, piped);
  const lazyArguments = (): unknown[] => [...rest.map((operand) => evaluateOperand(state, operand, dot)), ...piped];
  const value = evaluateOperand(state, first, dot, lazyArguments);
  if (rest.length + piped.length > 0 && !endsInMethod(state, first, dot)) {
    throw executionError(state.options.source, first.at, first.text, `can't give argument to non-function ${first.text}`);
  }
  return value;
}

function evaluateOperand(state: State, operand: Operand, dot: unknown, methodArguments: () => unknown[] = () => []): unknown {
  const { base, fields } = operand;
  let value = evaluateBase(state, operand, dot);
  fields.forEach((name, i) => {
    const receiver = value;
    value = field(state, operand, receiver, name);
    if (typeof value === "function") {
      const method = value;
      value = guard(state, operand, () => Reflect.apply(method, receiver, i === fields.length - 1 ? methodArguments() : []));
    }
  });
  return base.kind === "nil" ? null : value;
}

/** Whether the last field is a method, which may take arguments. */
function endsInMethod(state: State, operand: Operand, dot: unknown): boolean {
  const last = operand.fields.at(-1);
  if (last === undefined) return false;
  const receiver = evaluateOperand(state, { ...operand, fields: operand.fields.slice(0, -1) }, dot);
  return isStruct(receiver) && Object.hasOwn(receiver, last) && typeof receiver[last] === "function";
}

function evaluateBase(state: State, operand: Operand, dot: unknown): unknown {
  const { base } = operand;
  switch (base.kind) {
    case "dot":
      return dot;
    case "nil":
      return null;
    case "literal":
      return base.value;
    case "variable":
      return state.scope.findLast((variable) => variable.name === base.name)?.value;
    case "pipeline":
      return evaluatePipeline(state, base.pipeline, dot);
    case "function":
      return callFunction(state, operand, base.name, [], dot, []);
  }
}

function field(state: State, operand: Operand, value: unknown, name: string): unknown {
  if (isMap(value)) return lookUp(value, name);
  if (isStruct(value) && Object.hasOwn(value, name)) return value[name];
  const { source } = state.options;
  if (value === undefined || value === null) throw executionError(source, operand.at, operand.text, `nil pointer evaluating .${name}`);
  throw executionError(source, operand.at, operand.text, `can't evaluate field ${name} in type ${typeName(value)}`, fieldsOf(value, name));
}

/** What could have been meant instead of a field that is not there: the nearest one, and all there are. */
function fieldsOf(value: unknown, name: string): string | undefined {
  if (!isStruct(value)) return undefined;
  const names = Object.keys(value).toSorted();
  if (names.length === 0) return undefined;
  const [guess] = nearest(name, names);
  return `${guess === undefined ? "" : `did you mean ${guess}? `}there are ${names.join(", ")}`;
}

function callFunction(
  state: State,
  operand: Operand,
  name: string,
  operands: readonly Operand[],
  dot: unknown,
  piped: readonly unknown[],
): unknown {
  if (name === "and" || name === "or") return shortCircuit(state, operand, name, operands, dot, piped);
  const values = [...operands.map((argument) => evaluateOperand(state, argument, dot)), ...piped];
  const [least, most] = arity[name] ?? [0, Number.POSITIVE_INFINITY];
  const { source, functions } = state.options;
  if (values.length < least || values.length > most) {
    const want = least === most ? `${least}` : values.length < least ? `at least ${least}` : `at most ${most}`;
    throw executionError(source, operand.at, operand.text, `wrong number of args for ${name}: want ${want} got ${values.length}`);
  }
  const result = guard(state, operand, () => {
    const known = functions[name];
    if (!known) throw new CallError(`function "${name}" not defined`);
    return known(...values);
  });
  spend(state, typeof result === "string" ? result.length : 0, operand.at, operand.text);
  return result;
}

function shortCircuit(
  state: State,
  operand: Operand,
  name: "and" | "or",
  operands: readonly Operand[],
  dot: unknown,
  piped: readonly unknown[],
): unknown {
  if (operands.length + piped.length === 0) {
    throw executionError(state.options.source, operand.at, operand.text, `wrong number of args for ${name}: want at least 1 got 0`);
  }
  let value: unknown;
  for (const argument of operands) {
    value = evaluateOperand(state, argument, dot);
    if (isTrue(value) === (name === "or")) return value;
  }
  return piped.length > 0 ? piped[0] : value;
}

/** Gives the trouble of a function its place in the template. */
function guard(state: State, operand: Operand, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof CallError || error instanceof RangeError) {
      throw executionError(state.options.source, operand.at, operand.text, error.message);
    }
    throw error;
  }
}
