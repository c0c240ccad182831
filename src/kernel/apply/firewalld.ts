// Performs steps on firewalld.
import type { FirewalldStep } from "../../plan/step/firewalld.ts";
import type { Executors } from "./executor.ts";

export const firewalldExecutors: Executors<FirewalldStep> = {
  "firewalld.trust": async ({ link }) => (await import("../network/firewalld.ts")).trustLink(link),
  "firewalld.forget": async ({ link }) => (await import("../network/firewalld.ts")).forgetLink(link),
};
