// How an error reaches the user: one line per problem, naming the object, then the remedy. The only place that prints errors.
import { escapeControl } from "../src/base/text.ts";
import type { Output } from "./output.ts";

interface Shape {
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly problems: readonly string[];
}

/** Lines for standard error. `debug` adds stack and causes. */
export function renderError(error: unknown, debug: boolean): string {
  const shape = shapeOf(error);
  // A line break in a message comes from a name, and is escaped: nobody's words look like a line of tsns.
  const lines = (shape?.problems ?? [`internal error: ${describe(error)}`]).map((line) => `tsns: ${escapeControl(line)}`);
  const hint = shape ? shape.hint : "a defect of tsns; --debug shows where";
  if (hint !== undefined && !(debug && !shape)) lines[lines.length - 1] += ` (${escapeControl(hint)})`;
  return `${lines.join("\n")}\n${debug ? renderCauses(error) : ""}`;
}

/** Prints an error, unless it is that the reader of the output has gone; returns the exit code. */
export function reportError(error: unknown, stderr: Output, debug: boolean, fallback: number): number {
  try {
    if (!isBrokenPipe(error)) stderr.write(renderError(error, debug));
  } catch (second) {
    if (!isBrokenPipe(second)) throw second;
  }
  return exitCodeOf(error, fallback);
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "broken-pipe";
}

/** Exit code of an error: its own, or `fallback` where it has none but 1. */
export function exitCodeOf(error: unknown, fallback: number): number {
  const code = shapeOf(error)?.exitCode ?? 1;
  return code === 1 ? fallback : code;
}

/** By shape, not by class: a command's chunk has its own copy of the class. */
function shapeOf(error: unknown): Shape | undefined {
  if (!(error instanceof Error) || !("kind" in error) || !("exitCode" in error) || typeof error.exitCode !== "number") return undefined;
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  const several = "problems" in error && Array.isArray(error.problems) && error.problems.length > 0;
  return { exitCode: error.exitCode, hint, problems: several ? (error.problems as readonly string[]) : [error.message] };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function renderCauses(error: unknown): string {
  let text = "";
  for (let cause = error, depth = 0; cause !== undefined && depth < 10; depth++) {
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    text += `${depth > 0 ? "caused by: " : ""}${stack.split("\n").map(escapeControl).join("\n")}\n`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return text;
}
