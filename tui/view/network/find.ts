// The network that tabs are about. Pure.
import type { LiveNetwork } from "../../../src/engine/live/network.ts";
import type { Surroundings } from "../../model/part.ts";
import { keyOfNetwork } from "./row.ts";

/** The one chosen in the view, as it was last fed. */
export function chosenNetwork({ chosen, fed }: Surroundings): LiveNetwork | undefined {
  if (chosen?.kind !== "network") return undefined;
  return fed.networks?.networks.find((network) => keyOfNetwork(network) === chosen.id);
}
