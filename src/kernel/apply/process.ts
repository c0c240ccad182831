// Performs steps on processes.
import type { ProcessStep } from "../../plan/step/process.ts";
import { waitUntil } from "../cgroup/wait.ts";
import { isRunning } from "../proc/identity.ts";
import { sendSignal } from "../proc/signal.ts";
import { type Executors, notHere } from "./executor.ts";

export const processExecutors: Executors<ProcessStep> = {
  "process.signal": (step) => signalProcess(step.pid, step.startTime, step.signal),
  "process.wait": ({ pid, startTime, limitMs }) => void waitUntil(() => !isRunning({ pid, startTime }), limitMs),
  "process.run": notHere,
  "sandbox.start": notHere,
  "names.enable": async ({ directory, operation }) => (await import("../sandbox/names.ts")).enableNames(directory, operation),
  "runtime.delete": async (step) => (await import("../sandbox/other-runtime.ts")).deleteFromRuntime(step),
  "ports.relay": async ({ directory, operation }) => (await import("../sandbox/ports.ts")).relayPorts(directory, operation),
};

function signalProcess(pid: number, startTime: number, signal: number): void {
  if (isRunning({ pid, startTime })) sendSignal(pid, signal);
}
