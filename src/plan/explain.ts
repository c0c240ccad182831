// Plans as text for people: what --dry-run and --explain print.
import type { Operation } from "./operation.ts";
import { type Plan, type PlannedStep, undoOf } from "./plan.ts";
import { placeOf, quoteWord, refusalOf, shellOfOperation, shellOfStep } from "./shell.ts";

const indent = (text: string, by: string) => text.replaceAll(/^/gm, by);

/** One step: number, kind and object, reason, equivalent command. */
function explainStep(planned: PlannedStep, number: number): string {
  const { step } = planned;
  const lines = [`${`${number}.`.padEnd(4)}${step.kind}  ${planned.because}`];
  if (step.kind === "sandbox.start") lines.push(...explainList(step.operations as readonly Operation[], step.linkNames));
  else lines.push(indent(shellOfStep(step), "      $ "));
  return `${lines.join("\n")}\n`;
}

/** A program in hexadecimal tells nobody more than its size. */
const shown = (arg: string): string =>
  arg.length > 256 && /^[0-9a-f]+$/.test(arg) ? `"${arg.slice(0, 16)}..." (${arg.length / 2} bytes)` : JSON.stringify(arg);

/** Each native operation with the shell's word for it; what the list says of descriptors and links is taken from it. */
function explainList(operations: readonly Operation[], linkNames: Readonly<Record<string, string>> = {}): string[] {
  const place = placeOf({ operations, linkNames }, (path) => quoteWord(`root${path}`));
  return operations.map((operation) => {
    const shell = shellOfOperation(operation, place);
    const [name, ...args] = operation;
    const text = shell ? shell.replaceAll("\n", `\n${" ".repeat(22)}$ `) : args.map(shown).join(" ");
    return `      ${name.padEnd(15)} ${shell ? "$ " : ""}${text}`.trimEnd();
  });
}

/** The whole plan, one paragraph per step. */
export function explainPlan(plan: Plan): string {
  return plan.steps.map((planned, at) => explainStep(planned, at + 1)).join("");
}

/** What a script of any plan begins with. */
const header = `#!/bin/sh
# Run as root. The commands are those of iproute2, iptables, conntrack, util-linux, libcap2-bin, perl and coreutils.
set -eu
`;

/** Kinds of steps whose end tsns waits for and then brings the host back: what follows is in the script, too. */
const startsContainer = ({ step }: PlannedStep): boolean => step.kind === "sandbox.start";

/** The plan as a shell script: the same steps for sh(1), reasons as comments; after a container has ended, what undoes them. */
export function scriptOfPlan(plan: Plan): string {
  const paragraph = (because: string, lines: string) => `\n# ${because}\n${lines}\n`;
  const body = plan.steps.map(({ because, step }) => paragraph(because, shellOfStep(step)));
  if (!plan.steps.some(startsContainer)) return header + body.join("");
  const refusal = plan.steps.map(({ step }) => (step.kind === "sandbox.start" ? refusalOf(step.operations) : undefined)).find(Boolean);
  if (refusal) return `${header}${refusal}\n`;
  const undo = undoOf(plan).map((step) => `${shellOfStep(step)} || :`);
  const end = paragraph("the container has ended: what outlives it is taken away", [...undo, 'exit "$status"'].join("\n"));
  return `${header}# tsns's store knows nothing of what this script starts: no name, no lease, no journal.\n${body.join("")}${end}`;
}
