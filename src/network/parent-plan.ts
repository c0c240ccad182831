// What has to be done on the host for a network of driver macvlan or ipvlan to exist: its parent, where that is made for it. Pure.
import type { Plan } from "../plan/plan.ts";
import type { NetworkSpec } from "./spec.ts";

/** Nothing where the parent is a link of the host's own: that is left as it is. */
export function planParent({ bridge: name, parent }: NetworkSpec): Plan {
  const made = parent?.made;
  if (!made) return { steps: [] };
  return {
    steps: [
      {
        step: { kind: "parent.add", name, ...(made.kind === "vlan" ? { vlan: { on: made.on, id: made.id } } : {}) },
        because:
          made.kind === "vlan"
            ? `the network is VLAN ${made.id} of ${made.on}`
            : "containers of the network meet at a link that leads nowhere",
        undo: { kind: "link.remove", name },
      },
      { step: { kind: "link.up", name }, because: "links of containers are up only while their parent is" },
    ],
  };
}
