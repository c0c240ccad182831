// The shell commands for steps on processes.
import type { Operation } from "../operation.ts";
import type { ProcessStep } from "../step/process.ts";
import { shellOfOperation } from "./operation.ts";
import { type Renderers, words } from "./word.ts";

export const processShell: Renderers<ProcessStep> = {
  "process.signal": (step) => `kill -${step.signal} ${step.pid}`,
  "process.run": (step) => words(...step.command),
  "sandbox.start": (step) =>
    step.operations
      .map((operation) => shellOfOperation(operation as Operation))
      .filter(Boolean)
      .join("\n"),
};
