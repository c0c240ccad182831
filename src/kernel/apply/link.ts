// Performs steps on links, addresses, routes and network settings.
import { writeFileSync } from "node:fs";
import type { LinkStep } from "../../plan/step/link.ts";
import { pathOfKey } from "../../plan/sysctl.ts";
import { type Executors, guard } from "./executor.ts";

const link = () => import("../netlink/link.ts");

export const linkExecutors: Executors<LinkStep> = {
  "bridge.add": async (step) => (await link()).addBridge(step.name, step.mac),
  "parent.add": async (step) => (await link()).addParent(step),
  "veth.add": async (step) => (await link()).addVethPair(step),
  "link.up": async (step) => (await link()).setLinkUp(step.name),
  "link.set": async (step) => (await link()).setLink(step),
  "link.move": async (step) => (await link()).moveLink(step),
  "link.remove": async (step) => (await link()).removeLink(step.name, step.namespace),
  "address.add": async (step) => (await link()).addAddress(step),
  "address.remove": async (step) => (await link()).removeAddress(step),
  "route.add": async (step) => (await link()).addRoute(step.route, step.namespace),
  "route.remove": async (step) => (await link()).removeRoute(step.route, step.namespace),
  "rate.set": async (step) => (await import("../netlink/rate.ts")).setRate(step.link, step.rate, step.namespace),
  "rate.clear": async (step) => (await import("../netlink/rate.ts")).clearRate(step.link, step.namespace),
  "ifb.add": async (step) => (await import("../netlink/rate.ts")).addIfb(step),
  "redirect.set": async (step) => (await import("../netlink/rate.ts")).setRedirect(step.link, step.target),
  "redirect.clear": async (step) => (await import("../netlink/rate.ts")).clearRedirect(step.link),
  "netlink.send": async (step) => (await import("../netlink/send.ts")).sendMessages(step),
  "sysctl.write": (step) => {
    const path = pathOfKey(step.key);
    guard("write", path, () => writeFileSync(path, step.value));
  },
};
