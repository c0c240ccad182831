// The map of networks as lines for a terminal: the host on top, a box for each network on the line that leads down from it. Pure.
import { displayWidth, ellipsis, escapeControl } from "../../base/text.ts";
import { type MapMember, type MapNetwork, type MapUplink, type NetworkMap, renderPlaces } from "./map.ts";

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - displayWidth(text)));
const widest = (lines: readonly string[]): number => Math.max(0, ...lines.map(displayWidth));

/** Cells that have several lines each, side by side; columns as wide as they must be. */
function layoutCells(given: readonly (readonly (readonly string[])[])[]): readonly string[] {
  const rows = given.map((row) => row.map((cell) => cell.map(escapeControl)));
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widest(cell));
  return rows.flatMap((row) =>
    Array.from({ length: Math.max(1, ...row.map((cell) => cell.length)) }, (_, line) =>
      row
        .map((cell, at) => (widths[at] ? `${pad(cell[line] ?? "", widths[at])}  ` : ""))
        .join("")
        .trimEnd(),
    ),
  );
}

/** A box with rounded corners, at most `columns` wide; `join` marks where the line leaves or enters it. */
function box(heading: string, content: readonly string[], join: "below" | "left" | "none", columns: number): readonly string[] {
  const room = Math.max(columns - borderWidth, 10);
  const title = ellipsis(heading, room - 2);
  const lines = content.map((line) => ellipsis(line, room));
  const width = Math.max(widest(lines), displayWidth(title) + 2);
  const top = `╭─ ${title} ${"─".repeat(width - displayWidth(title) - 1)}╮`;
  const bottom = `╰${join === "below" ? "─┬" : "──"}${"─".repeat(width)}╯`;
  const body = lines.map((line, at) => `${join === "left" && at === 0 ? "┤" : "│"} ${pad(line, width)} │`);
  return [top, ...body, bottom];
}

/** Columns of a box's two sides. */
const borderWidth = 4;

function uplinkRow({ link, addresses, gateways }: MapUplink): readonly (readonly string[])[] {
  const ways = gateways.length > 0 ? gateways.map((gateway) => `→ ${gateway} → internet`) : ["→ internet"];
  return [[link], addresses, ways];
}

function hostBox({ host, uplinks, networks, onHost }: NetworkMap, columns: number): readonly string[] {
  const ways = uplinks.length > 0 ? layoutCells(uplinks.map(uplinkRow)) : ["no default route: no way to the internet"];
  const inside = onHost.map((name) => escapeControl(`● ${name}  (network host)`));
  return box(escapeControl(`this host: ${host}`), [...ways, ...inside], networks.length > 0 ? "below" : "none", columns);
}

/** How a member is drawn: all side by side, what comes after its name below each other, or everything below each other. */
const forms = ["wide", "narrow", "stacked"] as const;
type Form = (typeof forms)[number];

/** Words behind a container: where else it is, and who uses its network namespace. */
const notesOf = ({ alsoOn, shared }: MapMember, form: Form): readonly string[] => [
  ...noteOf("also on", alsoOn, form),
  ...noteOf("shared by", shared, form),
];

function noteOf(words: string, names: readonly string[], form: Form): readonly string[] {
  if (names.length === 0) return [];
  return (form === "stacked" ? names : [names.join(", ")]).map((name) => `${words} ${name}`);
}

function memberRow(member: MapMember, form: Form): readonly (readonly string[])[] {
  const behind = [...member.ports.map((port) => `◀── ${port}`), ...notesOf(member, form)];
  const name = `● ${member.name}`;
  if (form === "stacked") return [[name, ...[...member.addresses, ...behind].map((line) => `  ${line}`)]];
  if (form === "narrow") return [[name], [...member.addresses, ...behind]];
  return [[name], [member.link], member.addresses, behind];
}

/** "front ── bridge tsns-1abc ── internal". */
function titleOf({ name, engine, driver, link, traits, present }: MapNetwork): string {
  const called = engine === "tsns" ? name : engine === "none" ? "nobody's" : `${engine}:${name}`;
  const kind = link === "" ? driver : `${driver} ${driver === "bridge" ? "" : "on "}${link}`;
  return [called, kind, ...traits, ...(present || link === "" ? [] : ["not in the kernel now"])].join(" ── ");
}

function networkBox(network: MapNetwork, columns: number): readonly string[] {
  const title = escapeControl(titleOf(network));
  const linesOf = (form: Form): readonly string[] => {
    const members = layoutCells(network.members.map((member) => memberRow(member, form)));
    const places = renderPlaces(network) || "no address of the host";
    return [...(form === "stacked" ? places.split("  ") : [places]), "", ...(members.length > 0 ? members : ["no container"])];
  };
  const form = forms.find((each) => widest(linesOf(each)) + borderWidth + trunkWidth <= columns) ?? "stacked";
  return box(title, linesOf(form), "left", columns - trunkWidth);
}

/** Columns that the line down from the host takes. */
const trunkWidth = 5;

/** `columns`: of the terminal; what does not fit beside each other goes below each other, and what is longer than a line is cut. */
export function renderMapText(map: NetworkMap, columns: number): string {
  const last = map.networks.length - 1;
  const boxes = map.networks.flatMap((network, at) => {
    const [top = "", first = "", ...rest] = networkBox(network, columns);
    const branch = network.internal ? "┄┄" : "──";
    const below = at === last ? " " : "│";
    return ["  │", `  │  ${top}`, `  ${at === last ? "╰" : "├"}${branch}${first}`, ...rest.map((line) => `  ${below}  ${line}`)];
  });
  const offline =
    map.offline.length > 0
      ? [
          "",
          ...box(
            "no network",
            map.offline.map((name) => escapeControl(`● ${name}`)),
            "none",
            columns,
          ),
        ]
      : [];
  return [...hostBox(map, columns), ...boxes, ...offline].map((line) => `${line.trimEnd()}\n`).join("");
}
