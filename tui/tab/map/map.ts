// The tab with the picture of the chosen network, or of all of them, drawn for the room there is. Pure.
import type { NetworkMap } from "../../../src/network/map/map.ts";
import { renderMapText } from "../../../src/network/map/text.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "../../dialog/scroll.ts";
import { type Line, line } from "../../draw/cell.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import { lastOf } from "../../model/memo.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { chosenNetwork } from "../../view/network/find.ts";

interface State {
  readonly top: number;
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

const draw = lastOf((map: NetworkMap, columns: number, glyphs: Glyphs): readonly Line[] => {
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
  const picture = draw(mapOf(map, network?.name ?? "", network?.link ?? "", isWhole), around.size.columns, around.glyphs);
  return picture;
}

export const mapTab: Part<State> = {
  name: "map",
  title: "Map",
  initial: { top: 0, isWhole: false },
  needs: () => [],
  update(state, message, around) {
    if (message.kind === "key" && message.key.name === "a") return { state: { top: 0, isWhole: !state.isWhole } };
    const count = linesOf(state, around).length;
    const room = windowHeight(count, around.size.rows);
    const top = scrolled(boundedTop(state.top, count, room), message, count, room);
    return top === undefined ? { state, isUnused: true } : { state: { ...state, top } };
  },
  draw(state, around) {
    const lines = linesOf(state, around);
    const { rows } = around.size;
    return { lines: windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, rows)), rows) };
  },
  keys: ({ isWhole }) => [
    { key: "Up Down", does: "scroll", isShown: true },
    { key: "a", does: isWhole ? "this network alone" : "all networks", isShown: true },
  ],
};
