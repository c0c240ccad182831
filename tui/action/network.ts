// What can be done to networks. Pure.
import { confirmEffects } from "../dialog/confirm.ts";
import { type Filled, formDialog } from "../dialog/form.ts";
import type { Offer } from "../dialog/offer.ts";
import type { Action } from "../model/action.ts";
import type { Chosen } from "../model/part.ts";
import { memberEffects } from "./connection.ts";
import { pruneAction } from "./prune.ts";
import { hitsOf, needsOne, needsRows, references, some } from "./target.ts";

/** Networks that are always there. */
const predefined: ReadonlySet<string> = new Set(["bridge", "host", "none"]);

const firstOf = (rows: readonly Chosen[]): string => rows[0]?.reference ?? "";

function createOffer(filled: Filled): Offer | string {
  const value = (name: string): string => (filled[name] ?? "").trim();
  if (value("name") === "") return "write a name";
  const options = ["subnet", "gateway", "driver"].flatMap((name) => (value(name) === "" ? [] : [`--${name}`, value(name)]));
  const flags = ["internal", "ipv6"].filter((name) => value(name) === "yes").map((name) => `--${name}`);
  return { commands: [["network", "create", ...options, ...flags, value("name")]], place: "quiet" };
}

/** Bridges of others are looked at, not touched. */
const notOurs = (rows: readonly Chosen[]): string | undefined => {
  const owner = rows.find(({ foreign }) => foreign !== undefined)?.foreign;
  return owner === undefined ? undefined : `it is ${owner}'s`;
};

const noMembers = (rows: readonly Chosen[]): string | undefined =>
  needsOne(rows) ?? notOurs(rows) ?? (["host", "none"].includes(firstOf(rows)) ? "containers are on it from their creation on" : undefined);

export const networkActions: readonly Action[] = [
  {
    name: "create",
    key: "c",
    does: "create a network",
    refusal: () => undefined,
    perform: () => [
      {
        kind: "open",
        dialog: formDialog({
          title: "Create a network",
          fields: [
            { name: "name", title: "Name" },
            { name: "subnet", title: "Subnet", hint: "172.30.0.0/16; empty: one that is free" },
            { name: "gateway", title: "Gateway", hint: "an address of the subnet; empty: its first" },
            { name: "driver", title: "Driver", hint: "bridge, macvlan, ipvlan; empty: bridge" },
            { name: "internal", title: "Internal", hint: "Space: without a way to the outside", isSwitch: true },
            { name: "ipv6", title: "IPv6", hint: "Space: with IPv6 addresses as well", isSwitch: true },
          ],
          offer: createOffer,
        }),
      },
    ],
  },
  {
    name: "connect",
    key: "n",
    does: "put a container onto it",
    refusal: noMembers,
    perform: (rows) => memberEffects(firstOf(rows), "connect"),
  },
  {
    name: "disconnect",
    key: "N",
    does: "take a container off it",
    refusal: noMembers,
    perform: (rows) => memberEffects(firstOf(rows), "disconnect"),
  },
  {
    name: "remove",
    key: "d",
    also: ["delete"],
    does: "remove",
    refusal: (rows) =>
      needsRows(rows) ?? notOurs(rows) ?? (rows.every(({ reference }) => predefined.has(reference)) ? "it is always there" : undefined),
    perform(rows) {
      const hit = rows.filter(({ reference }) => !predefined.has(reference));
      return confirmEffects({
        text: `Remove ${some(hit)}?`,
        hits: hitsOf(hit),
        commands: () => [["network", "rm", ...references(hit)]],
        place: "quiet",
      });
    },
  },
  pruneAction({
    name: "prune",
    does: "remove all that nobody uses",
    text: "Remove networks that nobody uses?",
    words: ["network", "prune"],
  }),
];
