// The shell commands for steps on firewalld: firewall-cmd(1).
import type { FirewalldStep } from "../step/firewalld.ts";
import { type Renderers, words } from "./word.ts";

export const firewalldShell: Renderers<FirewalldStep> = {
  "firewalld.trust": ({ link }) => words("firewall-cmd", "--zone=trusted", `--change-interface=${link}`),
  "firewalld.forget": ({ link }) => `${words("firewall-cmd", "--zone=trusted", `--remove-interface=${link}`)} || true`,
};
