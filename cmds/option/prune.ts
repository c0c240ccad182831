// What the prune commands share: confirmation, plans in files, docker's words about what went.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { isErrno, TsnsError } from "../../src/base/error.ts";
import { formatSize } from "../../src/base/unit.ts";
import { applyPruned, type Pruned, showPruned } from "../../src/engine/system/prune.ts";
import { choosePruned, type PruneRequest } from "../../src/engine/system/prune-choose.ts";
import { type PrunePlan, parsePrunePlan, renderPrunePlan } from "../../src/engine/system/prune-plan.ts";
import type { Context, OptionTable, ValuesOf } from "../command.ts";
import { usageError } from "../usage-error.ts";
import { requireFilters } from "./filter.ts";

export const pruneOptions = {
  force: { type: "boolean", short: "f", describe: "Do not prompt for confirmation" },
  filter: { type: "list", value: "filter", describe: "Remove only what fits: until=TIME, label=KEY[=VALUE], label!=KEY[=VALUE]" },
  plan: { type: "string", value: "file", describe: "With --dry-run: write what would be removed to this file", completes: "file" },
  apply: {
    type: "string",
    value: "file",
    describe: "Remove exactly what the plan in this file names, if nothing of it is used",
    completes: "file",
  },
} as const satisfies OptionTable;

export interface PruneCommand {
  readonly words: string;
  readonly request: Omit<PruneRequest, "filters">;
  /** What is asked before. */
  readonly warning: string;
  /** docker prints a total of nothing when the answer is no. */
  readonly totalOfNone: boolean;
  /** What has no size: nothing is said of space. */
  readonly withoutTotal?: boolean;
}

/** Runs one of the commands; returns its exit code. */
export async function prune(context: Context, options: ValuesOf<typeof pruneOptions>, command: PruneCommand): Promise<number> {
  checkOptions(context, options, command.words);
  const engine = context.engine();
  let kept: string[] = [];
  const choose = (): PrunePlan => {
    kept = [];
    return choosePruned(engine, { ...requestOf(options, command), onKept: (reason) => kept.push(reason) });
  };
  const plan = options.apply === undefined ? choose() : readPlan(context, options.apply, engine.root);
  if (options.plan !== undefined) writePlan(resolve(context.cwd, options.plan), options.plan, plan);
  if (showPruned(engine, plan)) {
    for (const reason of kept) engine.warn(reason);
    return 0;
  }
  if (options.apply === undefined && !options.force && !(await confirm(context, command.warning))) {
    if (command.totalOfNone) context.stdout.write(totalLine(0));
    return 0;
  }
  // Chosen again after the answer: it may have taken long.
  const current = options.apply === undefined && !options.force ? choose() : plan;
  for (const reason of kept) engine.warn(reason);
  context.stdout.write(render(await applyPruned(engine, current), command.withoutTotal));
  return 0;
}

function requestOf(options: ValuesOf<typeof pruneOptions>, { words, request }: PruneCommand): PruneRequest {
  return { ...request, filters: requireFilters(words, options.filter) };
}

function checkOptions(context: Context, options: ValuesOf<typeof pruneOptions>, words: string): void {
  const problems = [
    ...(options.plan !== undefined && !context.mode.dryRun ? ["--plan goes with --dry-run"] : []),
    ...(options.plan !== undefined && options.apply !== undefined ? ["--plan and --apply contradict each other"] : []),
    ...(options.apply !== undefined && (options.filter ?? []).length > 0
      ? ["--apply removes what the plan names: --filter has no say in it"]
      : []),
  ];
  if (problems.length > 0) throw usageError(words, problems);
}

function render({ containers, networks, volumes, images, bytes }: Pruned, withoutTotal = false): string {
  const part = (title: string, lines: readonly string[]) => (lines.length === 0 ? "" : `Deleted ${title}:\n${lines.join("\n")}\n\n`);
  return `${part("Containers", containers)}${part("Networks", networks)}${part("Volumes", volumes)}${part("Images", images)}${withoutTotal ? "" : totalLine(bytes)}`;
}

function totalLine(bytes: number): string {
  return `Total reclaimed space: ${formatSize(bytes, 4)}\n`;
}

/** Docker's question; only "y" is a yes. */
async function confirm(context: Context, warning: string): Promise<boolean> {
  context.stdout.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  let answer = "";
  for await (const chunk of context.readStdin()) {
    answer += Buffer.from(chunk).toString("latin1");
    if (answer.includes("\n")) break;
  }
  return answer.split("\n")[0]?.trim().toLowerCase() === "y";
}

function readPlan(context: Context, name: string, root: string): PrunePlan {
  let text: string;
  try {
    text = readFileSync(resolve(context.cwd, name), "utf8");
  } catch (error) {
    throw fileError("read", name, error);
  }
  return parsePrunePlan(text, name, root);
}

function writePlan(path: string, name: string, plan: PrunePlan): void {
  try {
    writeFileSync(path, renderPrunePlan(plan));
  } catch (error) {
    throw fileError("write", name, error);
  }
}

function fileError(what: string, name: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const kind = isErrno(error, "EACCES", "EPERM", "EROFS") ? "denied" : "invalid";
  return new TsnsError(kind, "plan-file", `cannot ${what} the plan ${name}: ${String(error.code)}`, {
    hint: "give the path of a file",
    cause: error,
  });
}
