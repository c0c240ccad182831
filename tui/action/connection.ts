// Containers on networks: choosing a network for containers, and containers for a network. Pure.
import type { ContainerState } from "../../src/container/record.ts";
import { choiceDialog, type Option } from "../dialog/choice.ts";
import type { Words } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import type { Chosen, Surroundings } from "../model/part.ts";
import { references, some } from "./target.ts";

const networksOf = ({ record }: ContainerState): readonly string[] => record.spec.attachments.map(({ network }) => network);

/** Networks that one of these containers is on. */
export const networksOfAll = (rows: readonly Chosen[]): readonly string[] => [
  ...new Set(rows.flatMap(({ container }) => (container ? networksOf(container) : []))),
];

const commandsOf = (verb: string, network: string, containers: readonly string[]): readonly Words[] =>
  containers.map((container) => ["network", verb, network, container]);

/** Networks that containers are on from their creation on, or not at all. */
const fixed: ReadonlySet<string> = new Set(["host", "none"]);

/** Puts containers onto a network that they are not on yet. */
export function connectEffects(rows: readonly Chosen[]): readonly Effect[] {
  const isOff = (network: string) => rows.filter(({ container }) => !container || !networksOf(container).includes(network));
  const options = ({ fed }: Surroundings): readonly Option[] | undefined =>
    fed.networks?.networks
      // One of others has no id here.
      .filter(({ id, name }) => id !== "" && !fixed.has(name) && isOff(name).length > 0)
      .map(({ name, driver, subnets }) => ({ name, note: [driver, ...subnets].join(" ") }));
  const dialog = choiceDialog({
    title: "Connect",
    text: `Put ${some(rows)} onto which network?`,
    needs: [{ kind: "networks" }],
    options,
    empty: `${rows.length === 1 ? "it is" : "they are"} on all networks there are`,
    offer: ({ name }) => ({ commands: commandsOf("connect", name, references(isOff(name))), place: "quiet" }),
  });
  return [{ kind: "open", dialog }];
}

/** Takes containers off a network that they are on. */
export function disconnectEffects(rows: readonly Chosen[]): readonly Effect[] {
  const isOn = (network: string) => rows.filter(({ container }) => container && networksOf(container).includes(network));
  const dialog = choiceDialog({
    title: "Disconnect",
    text: `Take ${some(rows)} off which network?`,
    options: () => networksOfAll(rows).map((name): Option => ({ name, note: rows.length > 1 ? references(isOn(name)).join(" ") : "" })),
    offer: ({ name }) => ({ commands: commandsOf("disconnect", name, references(isOn(name))), place: "quiet" }),
  });
  return [{ kind: "open", dialog }];
}

/** Puts a container onto this network, or takes one off it. */
export function memberEffects(network: string, verb: "connect" | "disconnect"): readonly Effect[] {
  const isMember = verb === "disconnect";
  const options = ({ fed }: Surroundings): readonly Option[] | undefined =>
    fed.containers?.containers
      .filter((state) => networksOf(state).includes(network) === isMember)
      .map(({ record, status }) => ({ name: record.name, note: status }));
  const dialog = choiceDialog({
    title: isMember ? "Disconnect" : "Connect",
    text: isMember ? `Take which container off ${network}?` : `Put which container onto ${network}?`,
    needs: [{ kind: "containers" }],
    options,
    empty: isMember ? "no container is on it" : "all containers are on it",
    offer: ({ name }) => ({ commands: commandsOf(verb, network, [name]), place: "quiet" }),
  });
  return [{ kind: "open", dialog }];
}
