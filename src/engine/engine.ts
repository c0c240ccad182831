// The façade of the use cases: one value that knows the data root, its store, the kernel, and how plans are
// shown and carried out.
import { statSync } from "node:fs";
import { isErrno } from "../base/error.ts";
import type { Kernel } from "../kernel/apply.ts";
import { ownIdentity, type ProcessIdentity } from "../kernel/proc/identity.ts";
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { type Database, openEmptyDatabase } from "../store/database.ts";
import { openStore } from "../store/reserve.ts";
import { createTimings, type Timings } from "./timing.ts";

export interface EngineMode {
  /** Print plans, touch nothing. */
  readonly dryRun: boolean;
  /** Print each plan before it is carried out, for people or as a shell script. */
  readonly explain: false | "text" | "sh";
  readonly timings: boolean;
  /** The command only looks: without a store it sees an empty one, and none is made. */
  readonly look?: boolean;
}

/** What renders plans. Loaded only where a plan is shown: it is a large part of a command that merely looks. */
export type Explainer = typeof import("../plan/explain.ts");

/** The explainer, if this mode shows plans. */
export async function loadExplainer(mode: EngineMode): Promise<Explainer | undefined> {
  return mode.dryRun || mode.explain ? await import("../plan/explain.ts") : undefined;
}

export interface EngineOptions {
  readonly mode?: EngineMode;
  readonly explainer?: Explainer | undefined;
  /** Where dry runs go (standard output). */
  readonly print?: (text: string) => void;
  /** Where explanations, timings and warnings go (standard error). */
  readonly note?: (text: string) => void;
  readonly kernel?: Kernel;
}

export interface Engine extends Disposable {
  /** Data root: everything tsns keeps lies below it. */
  readonly root: string;
  /** Opened at first use. */
  readonly store: Database;
  readonly mode: EngineMode;
  readonly timings: Timings;
  readonly self: ProcessIdentity;
  /** True when the plan was only shown (--dry-run): the caller stops there. Explains it otherwise, if asked. */
  show(plan: Plan): boolean;
  /** Carries a plan out (without its sandbox). */
  apply(plan: Plan): Promise<void>;
  /** Prints the timings. The store stays open: the end of the process costs nothing, closing would write the log back. */
  finish(): void;
  /** One line for the user that is no error. */
  warn(text: string): void;
}

/** A step for people: its kind, and the object where it has one. */
export function labelOf(step: Step | undefined): string {
  if (!step) return "step";
  const words: { readonly [name: string]: unknown } = { ...step };
  const object = [words.path, words.name, words.link, words.key, words.directory].find((word) => typeof word === "string");
  return object === undefined ? step.kind : `${step.kind} ${object}`;
}

/** Not there; false where that cannot be seen (no privilege) or can never be (below a file): opening the store says why. */
function isAbsent(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return isErrno(error, "ENOENT");
  }
}

const quietMode: EngineMode = { dryRun: false, explain: false, timings: false };

/** Opens the engine on a data root; touches nothing yet. */
export function openEngine(root: string, options: EngineOptions = {}): Engine {
  const mode = options.mode ?? quietMode;
  const note = options.note ?? (() => {});
  const timings = createTimings(mode.timings, () => performance.now());
  timings.mark("start of Node, command line");
  let store: Database | undefined;
  let empty: Database | undefined;
  let self: ProcessIdentity | undefined;
  return {
    root,
    mode,
    timings,
    get store() {
      if (store) return store;
      // Asked again each time: a view that stays on the screen sees the store that another command makes.
      if ((mode.dryRun || mode.look) && isAbsent(`${root}/store.db`)) {
        empty ??= openEmptyDatabase();
        return empty;
      }
      store = openStore(root);
      return store;
    },
    get self() {
      self ??= ownIdentity();
      return self;
    },
    show(plan) {
      if (!options.explainer) return mode.dryRun;
      const { explainPlan, scriptOfPlan } = options.explainer;
      const render = mode.explain === "sh" ? scriptOfPlan : explainPlan;
      if (mode.dryRun) (options.print ?? note)(render(plan));
      else if (mode.explain) note(render(plan));
      return mode.dryRun;
    },
    async apply(plan) {
      const { applyPlan, realKernel } = await import("../kernel/apply.ts");
      await applyPlan(
        plan,
        options.kernel ?? realKernel,
        mode.timings ? { onStep: (at) => timings.mark(labelOf(plan.steps[at]?.step)) } : {},
      );
    },
    warn: (text) => note(`WARNING: ${text}\n`),
    finish() {
      if (mode.timings) note(timings.render());
    },
    [Symbol.dispose]() {
      store?.close();
      empty?.close();
      store = empty = undefined;
    },
  };
}
