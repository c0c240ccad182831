// Plans as text for people: what --dry-run and --explain print.
import type { Operation } from "./operation.ts";
import type { Plan, PlannedStep } from "./plan.ts";
import { shellOfOperation, shellOfStep } from "./shell.ts";

const indent = (text: string, by: string) => text.replaceAll(/^/gm, by);

/** One step: number, kind and object, reason, equivalent command. */
export function explainStep(planned: PlannedStep, number: number): string {
  const { step } = planned;
  const lines = [`${`${number}.`.padEnd(4)}${step.kind}  ${planned.because}`];
  if (step.kind === "sandbox.start") lines.push(...step.operations.map((operation) => explainOperation(operation as Operation)));
  else lines.push(indent(shellOfStep(step), "      $ "));
  return `${lines.join("\n")}\n`;
}

function explainOperation(operation: Operation): string {
  const shell = shellOfOperation(operation);
  const [name, ...args] = operation;
  return `      ${name.padEnd(15)} ${shell ? `$ ${shell.split("\n")[0]}` : args.map((arg) => JSON.stringify(arg)).join(" ")}`.trimEnd();
}

/** A bare list of native operations, one line each. */
export function explainOperations(operations: readonly (readonly string[])[]): string {
  return operations.map((operation) => `${explainOperation(operation as Operation)}\n`).join("");
}

/** The whole plan, one paragraph per step. */
export function explainPlan(plan: Plan): string {
  return plan.steps.map((planned, at) => explainStep(planned, at + 1)).join("");
}

/** The plan as a shell script: the same steps for sh(1), reasons as comments. */
export function scriptOfPlan(plan: Plan): string {
  const body = plan.steps.map((planned) => `# ${planned.because}\n${shellOfStep(planned.step)}\n`).join("");
  return `#!/bin/sh\nset -e\n${body}`;
}
