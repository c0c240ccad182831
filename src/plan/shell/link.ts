// The shell commands for steps on links and network settings.
import type { LinkStep } from "../step/link.ts";
import { type Renderers, words } from "./word.ts";

export const linkShell: Renderers<LinkStep> = {
  "bridge.add": (step) => words("ip", "link", "add", step.name, "address", step.mac, "type", "bridge"),
  "link.up": (step) => words("ip", "link", "set", step.name, "up"),
  "address.add": (step) => words("ip", "address", "add", step.address, "dev", step.link),
  "link.remove": (step) => words("ip", "link", "del", step.name),
  "sysctl.write": (step) => words("sysctl", "-w", `${step.key}=${step.value}`),
};
