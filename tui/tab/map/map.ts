// The tab with the picture of the chosen network, or of all of them, drawn for the room there is. Pure.
import type { NetworkMap } from "../../../src/network/map/map.ts";
import { renderMapText } from "../../../src/network/map/text.ts";
import { type Line, line } from "../../draw/cell.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import { lastOf } from "../../model/memo.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { chosenNetwork } from "../../view/network/find.ts";
import { drawLines, initialLines, type LinesState, scrollHint, updateLines } from "../lines.ts";

interface State {
  readonly lines: LinesState;
  /** All networks instead of the chosen one. */
  readonly isWhole: boolean;
}

/** Signs of the picture that not every terminal has, each as one that takes as much room. */
const plain: Readonly<Record<string, string>> = {
  "╭": "+",
  "╮": "+",
  "╰": "+",
  "╯": "+",
  "┤": "|",
  "├": "+",
  "┬": "+",
  "─": "-",
  "┄": ".",
  "│": "|",
  "→": ">",
  "◀": "<",
  "●": "*",
  "…": "~",
};

export const plainPicture = (picture: string): string => Array.from(picture, (sign) => plain[sign] ?? sign).join("");

const pictureOf = lastOf((map: NetworkMap, columns: number, glyphs: Glyphs): readonly Line[] => {
  const picture = renderMapText(map, columns);
  return (glyphs.isAscii ? plainPicture(picture) : picture)
    .trimEnd()
    .split("\n")
    .map((text) => line(text));
});

const mapOf = lastOf((map: NetworkMap, name: string, link: string, isWhole: boolean): NetworkMap => {
  if (isWhole) return map;
  const networks = map.networks.filter((network) => network.name === name && network.link === link);
  return { ...map, networks, onHost: name === "host" ? map.onHost : [], offline: name === "none" ? map.offline : [] };
});

function linesOf({ isWhole }: State, around: Surroundings): readonly Line[] {
  const map = around.fed.networks?.map;
  if (!map) return [line("reading ...", "dim")];
  const network = chosenNetwork(around);
  if (!network && !isWhole) return [line("it is not there any more", "dim")];
  return pictureOf(mapOf(map, network?.name ?? "", network?.link ?? "", isWhole), around.size.columns, around.glyphs);
}

/** Pictures are alike: one stays where it was in the last one. */
const anyNetwork = "";

export const mapTab: Part<State> = {
  name: "map",
  title: "Map",
  initial: { lines: initialLines, isWhole: false },
  needs: () => [],
  update(state, message, around) {
    if (message.kind === "key" && message.key.name === "a") return { state: { lines: initialLines, isWhole: !state.isWhole } };
    const change = updateLines(state.lines, message, anyNetwork, linesOf(state, around), around);
    return { ...change, state: { ...state, lines: change.state } };
  },
  draw: (state, around) => drawLines(state.lines, anyNetwork, linesOf(state, around), around),
  keys: ({ isWhole }) => [scrollHint, { key: "a", does: isWhole ? "this network alone" : "all networks", isShown: true }],
};
