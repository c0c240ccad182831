// Performs steps on connection tracking.
import type { ConntrackStep } from "../../plan/step/conntrack.ts";
import type { Executors } from "./executor.ts";

export const conntrackExecutors: Executors<ConntrackStep> = {
  "flow.remove": async ({ tuple }) => (await import("../network/conntrack.ts")).removeFlow(tuple),
  "flow.flush": async (step) => (await import("../network/conntrack-flush.ts")).flushFlows(step),
};
