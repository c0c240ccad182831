// The shell commands for steps on bridges and their ports: ip-link(8), bridge(8).
import type { BridgeStep, PortSet } from "../step/bridge.ts";
import { type Renderers, words } from "./word.ts";

const enter = (namespace: string | undefined): readonly string[] => (namespace === undefined ? [] : ["nsenter", `--net=${namespace}`]);

function portValue({ option, value }: PortSet): string {
  return option === "hairpin" || option === "isolated" ? (value === 0 ? "off" : "on") : String(value);
}

export const bridgeShell: Renderers<BridgeStep> = {
  "bridge.create": (step) => words(...enter(step.namespace), "ip", "link", "add", step.name, "type", "bridge"),
  "bridge.set": (step) =>
    words(...enter(step.namespace), "ip", "link", "set", "dev", step.name, "type", "bridge", step.option, String(step.value)),
  "port.set": (step) => words(...enter(step.namespace), "bridge", "link", "set", "dev", step.name, step.option, portValue(step)),
};
