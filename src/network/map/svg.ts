// The map of networks as an SVG picture: the host on top, a band for each network, a card for each container; containers on several networks
// are joined by lines. Pure; needs no fonts but the viewer's and follows its light or dark mode.
import { displayWidth, escapeControl } from "../../base/text.ts";
import { type MapMember, type MapNetwork, type NetworkMap, renderPlaces } from "./map.ts";

const margin = 24;
const lineHeight = 18;
/** Of a character of the monospaced font, in pixels at 13 px. */
const charWidth = 7.9;
const cardPadding = 12;
const gap = 14;
const bandIndent = 36;
const fewestWidth = 720;
const mostWidth = 1480;

const style = `
svg { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.ground { fill: #ffffff; } .host { fill: #eef2f7; stroke: #64748b; } .band { fill-opacity: 0.1; stroke-width: 1.5; }
.card { fill: #ffffff; stroke: #94a3b8; } text { fill: #0f172a; } .weak { fill: #64748b; } .name { font-weight: bold; }
.port { fill: #b45309; } .trunk { fill: none; stroke: #64748b; stroke-width: 1.5; } .same { fill: none; stroke-opacity: 0.45; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0f172a; } .host { fill: #1e293b; } .card { fill: #1e293b; stroke: #475569; } text { fill: #e2e8f0; } .weak { fill: #94a3b8; }
.port { fill: #fbbf24; } }
`;

/** Text between tags and in attributes; what no XML may hold is escaped visibly. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return escapeControl(text).replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

const round = (value: number): string => String(Math.round(value * 10) / 10);
/** Colours that stay apart however many there are: the golden angle around the circle. */
const colour = (at: number): string => `hsl(${Math.round((at * 137.5 + 210) % 360)} 65% 45%)`;

interface Line {
  readonly text: string;
  readonly look: "name" | "weak" | "port" | "";
}

interface Card {
  readonly member: MapMember;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

interface Placed extends Card {
  readonly x: number;
  readonly y: number;
}

interface Band {
  readonly network: MapNetwork;
  readonly y: number;
  readonly height: number;
  readonly cards: readonly Placed[];
}

const textWidth = (text: string): number => displayWidth(text) * charWidth;

function cardOf(member: MapMember): Card {
  const lines: Line[] = [
    { text: member.name, look: "name" },
    ...member.addresses.map((text, at): Line => ({ text: at === 0 && member.link !== "" ? `${member.link} ${text}` : text, look: "" })),
    ...member.ports.map((text): Line => ({ text: `◀ ${text}`, look: "port" })),
    ...(member.alsoOn.length > 0 ? [{ text: `also on ${member.alsoOn.join(", ")}`, look: "weak" as const }] : []),
    ...(member.shared.length > 0 ? [{ text: `shared by ${member.shared.join(", ")}`, look: "weak" as const }] : []),
  ];
  const width = Math.max(...lines.map(({ text }) => textWidth(text))) + 2 * cardPadding;
  return { member, lines, width, height: lines.length * lineHeight + cardPadding };
}

/** Cards in rows no wider than `width`; returns where they are and where the last row ends. */
function placeCards(cards: readonly Card[], top: number, width: number): { readonly placed: readonly Placed[]; readonly bottom: number } {
  const left = margin + bandIndent + gap;
  const right = margin + width - gap;
  const placed: Placed[] = [];
  let [x, y, row] = [left, top, 0];
  for (const card of cards) {
    if (x > left && x + card.width > right) [x, y, row] = [left, y + row + gap, 0];
    placed.push({ ...card, x, y });
    x += card.width + gap;
    row = Math.max(row, card.height);
  }
  return { placed, bottom: y + row };
}

function placeBands(networks: readonly MapNetwork[], top: number, width: number): readonly Band[] {
  let y = top;
  return networks.map((network) => {
    const head = y + 2 * lineHeight + gap;
    const { placed, bottom } = placeCards(network.members.map(cardOf), head, width);
    const band = { network, y, height: bottom - y + gap, cards: placed };
    y += band.height + gap;
    return band;
  });
}

function titleOf({ name, engine, driver, link, traits, present }: MapNetwork): { readonly name: string; readonly rest: string } {
  const kind = link === "" ? driver : `${driver} ${driver === "bridge" ? "" : "on "}${link}`;
  const called = engine === "tsns" ? name : engine === "none" ? "nobody's" : `${engine}:${name}`;
  return { name: called, rest: [kind, ...traits, ...(present || link === "" ? [] : ["not in the kernel now"])].join(" · ") };
}

function text(x: number, y: number, look: string, content: string): string {
  return `<text x="${round(x)}" y="${round(y)}"${look === "" ? "" : ` class="${look}"`}>${xml(content)}</text>`;
}

function drawCard({ x, y, width, height, lines, member }: Placed): readonly string[] {
  return [
    `<g><title>${xml([member.name, member.id.slice(0, 12), member.hostLink].filter((word) => word !== "").join(" "))}</title>`,
    `<rect class="card" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="5"/>`,
    ...lines.map((line, at) => text(x + cardPadding, y + (at + 1) * lineHeight, line.look, line.text)),
    "</g>",
  ];
}

function drawBand({ network, y, height, cards }: Band, at: number, width: number): readonly string[] {
  const x = margin + bandIndent;
  const { name, rest } = titleOf(network);
  const middle = y + lineHeight;
  return [
    `<path class="trunk" d="M ${margin + bandIndent / 2} ${round(middle)} H ${x}"${network.internal ? ' stroke-dasharray="3 4"' : ""}/>`,
    `<rect class="band" x="${x}" y="${round(y)}" width="${round(width - bandIndent)}" height="${round(height)}" rx="8" fill="${colour(at)}" stroke="${colour(at)}"/>`,
    text(x + gap, y + lineHeight + 4, "name", name),
    text(x + gap + textWidth(`${name}  `), y + lineHeight + 4, "weak", rest),
    text(x + gap, y + 2 * lineHeight + 4, "", renderPlaces(network)),
    ...cards.flatMap(drawCard),
  ];
}

/** From each card of a container to its next one. */
function drawSame(bands: readonly Band[]): readonly string[] {
  const last = new Map<string, { readonly card: Placed; readonly band: number }>();
  return bands.flatMap(({ cards }, band) =>
    cards.flatMap((card) => {
      if (card.member.alsoOn.length === 0) return [];
      const before = last.get(card.member.id);
      last.set(card.member.id, { card, band });
      if (!before) return [];
      const [x1, y1, x2, y2] = [
        before.card.x + before.card.width - 16,
        before.card.y + before.card.height,
        card.x + card.width - 16,
        card.y,
      ];
      const bend = Math.max(20, (y2 - y1) / 2);
      const curve = `M ${round(x1)} ${round(y1)} C ${round(x1)} ${round(y1 + bend)} ${round(x2)} ${round(y2 - bend)} ${round(x2)} ${round(y2)}`;
      return [`<path class="same" stroke="${colour(before.band)}" d="${curve}"/>`];
    }),
  );
}

function hostLines({ uplinks, onHost }: NetworkMap): readonly Line[] {
  const ways = uplinks.map(({ link, addresses, gateways }): Line => {
    const way = ["", ...(gateways.length > 0 ? [gateways.join(", ")] : []), "internet"].join(" → ");
    return { text: `${link}  ${addresses.join("  ")} ${way}`, look: "" };
  });
  return [
    ...(ways.length > 0 ? ways : [{ text: "no default route: no way to the internet", look: "" as const }]),
    ...(onHost.length > 0 ? [{ text: `network host: ${onHost.join(", ")}`, look: "" as const }] : []),
  ];
}

/** How wide the picture is: as its widest card or line needs, and as a few cards beside each other look well. */
function widthOf(map: NetworkMap, host: readonly Line[]): number {
  const cards = map.networks.flatMap(({ members }) => members.map((member) => cardOf(member).width));
  const heads = map.networks.flatMap((network) => {
    const { name, rest } = titleOf(network);
    return [textWidth(`${name}  ${rest}`), textWidth(renderPlaces(network))];
  });
  const needed = Math.max(...cards, ...heads, ...host.map((line) => textWidth(line.text)), 0) + bandIndent + 4 * gap;
  const longest = Math.max(0, ...map.networks.map(({ members }) => members.length));
  const wished = bandIndent + gap + Math.ceil(Math.sqrt(longest * 2)) * (Math.max(0, ...cards) + gap);
  return Math.max(fewestWidth, needed, Math.min(wished, mostWidth));
}

/** A whole SVG file. */
export function renderMapSvg(map: NetworkMap): string {
  const host = hostLines(map);
  const width = widthOf(map, host);
  const hostHeight = (host.length + 1) * lineHeight + gap;
  const bands = placeBands(map.networks, margin + hostHeight + gap, width);
  const last = bands.at(-1);
  const bottom = last ? last.y + last.height : margin + hostHeight;
  const offline = map.offline.length > 0 ? `no network: ${map.offline.join(", ")}` : "";
  const height = bottom + margin + (offline === "" ? 0 : lineHeight + gap);
  const full = width + 2 * margin;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(full)}" height="${round(height)}" viewBox="0 0 ${round(full)} ${round(height)}" role="img">`,
    `<title>${xml(`networks of ${map.host}`)}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="100%" height="100%"/>`,
    ...(last ? [`<path class="trunk" d="M ${margin + bandIndent / 2} ${margin + hostHeight} V ${round(last.y + lineHeight)}"/>`] : []),
    `<rect class="host" x="${margin}" y="${margin}" width="${round(width)}" height="${hostHeight}" rx="8"/>`,
    text(margin + gap, margin + lineHeight + 4, "name", `this host: ${map.host}`),
    ...host.map((line, at) => text(margin + gap, margin + (at + 2) * lineHeight + 4, line.look, line.text)),
    ...bands.flatMap((band, at) => drawBand(band, at, width)),
    ...drawSame(bands),
    ...(offline === "" ? [] : [text(margin + gap, bottom + gap + lineHeight, "weak", offline)]),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}
