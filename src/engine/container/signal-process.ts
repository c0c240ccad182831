// One signal to one process of a container, by its number on the host.
import { TsnsError } from "../../base/error.ts";
import { parseSignal } from "../../container/signal.ts";
import { listMembers } from "../../kernel/cgroup/process.ts";
import { readStartTime } from "../../kernel/proc/identity.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { observeContainer } from "./observe.ts";
import { requireRunning } from "./refusal.ts";
import { killContainer } from "./stop.ts";

/** What is known of it is looked up by its pid and start time, so that nobody else is hit. Throws not-found for what is no process of it, conflict, invalid. */
export async function signalProcess(engine: Engine, reference: string, pid: number, signalText: string): Promise<void> {
  const signal = parseSignal(signalText);
  const observed = observeContainer(engine, findContainer(engine.store, reference));
  requireRunning(observed);
  const { record } = observed;
  // Its first process is the container: its end is looked after.
  if (pid === observed.pid) return await killContainer(engine, reference, signalText);
  const startTime = readStartTime(pid);
  if (startTime === undefined || !listMembers(record.run?.cgroups ?? {}).includes(pid)) {
    throw new TsnsError("not-found", "no-such-process", `process ${pid} is none of ${record.name}`, {
      hint: `tsns top ${record.name} lists its processes by their numbers on the host`,
    });
  }
  const because = `to process ${pid} of ${record.name}`;
  const plan = { steps: [{ step: { kind: "process.signal", pid, startTime, signal } as const, because }] };
  if (engine.show(plan)) return;
  await engine.apply(plan);
}
