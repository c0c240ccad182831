// Performs steps on links and network settings.
import { writeFileSync } from "node:fs";
import type { LinkStep } from "../../plan/step/link.ts";
import { type Executors, guard } from "./executor.ts";

export const linkExecutors: Executors<LinkStep> = {
  "bridge.add": async (step) => (await import("../netlink/link.ts")).addBridge(step.name, step.mac),
  "link.up": async (step) => (await import("../netlink/link.ts")).setLinkUp(step.name),
  "address.add": async (step) => (await import("../netlink/link.ts")).addAddress(step.link, step.address),
  "link.remove": async (step) => (await import("../netlink/link.ts")).removeLink(step.name),
  "sysctl.write": (step) => {
    const path = `/proc/sys/${step.key.replaceAll(".", "/")}`;
    guard("write", path, () => writeFileSync(path, step.value));
  },
};
