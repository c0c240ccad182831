// The screens that are kept as golden: what is pressed to come there, and how many containers there are.
import type { Size } from "../../../tui/draw/cell.ts";

export interface Scene {
  readonly name: string;
  readonly count: number;
  readonly keys: readonly string[];
}

export const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 100, rows: 30 },
  { columns: 200, rows: 60 },
];

const typed = (text: string): readonly string[] => [...text].map((character) => (character === " " ? "space" : character));

/** `views`, `tabs`: names as they stand in the house, in their order. */
export function scenesOf(views: readonly string[], tabs: readonly string[]): readonly Scene[] {
  const toTab = (place: number) => Array.from({ length: place }, () => "]");
  const toView = (place: number): readonly string[] => [`${place + 1}`];
  return [
    ...views.map((name, place): Scene => ({ name: `view-${name}`, count: 8, keys: toView(place) })),
    ...tabs.map((name, place): Scene => ({ name: `tab-${name}`, count: 8, keys: [...toTab(place), "tab"] })),
    ...[0, 1, 50, 500].map((count): Scene => ({ name: `count-${count}`, count, keys: [] })),
    ...views.map((name, place): Scene => ({ name: `empty-${name}`, count: 0, keys: toView(place) })),
    { name: "zoomed", count: 50, keys: ["+"] },
    { name: "marked", count: 8, keys: ["space", "space", "down", "space"] },
    { name: "filter", count: 50, keys: ["/", ...typed("shop !cache")] },
    { name: "grouped", count: 8, keys: ["t"] },
    { name: "group-heading", count: 8, keys: ["t", "up", "]", "]", "]"] },
    { name: "help", count: 8, keys: ["?"] },
    { name: "menu", count: 8, keys: ["x"] },
    { name: "confirm", count: 8, keys: ["d"] },
    { name: "command-line", count: 8, keys: [":", ...typed("stop web")] },
  ];
}
