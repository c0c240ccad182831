// The tab with the mounts of the chosen container. Pure.
import { formatSize } from "../../../src/base/unit.ts";
import type { LiveMountRow } from "../../../src/engine/live/mount.ts";
import { type Line, line, span } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
import { wrapText } from "../../draw/wrap.ts";
import { emptyList, type ListState, placeOf, updateListByKey, updateListByMouse } from "../../model/list.ts";
import { lastOf } from "../../model/memo.ts";
import type { Change, Part, PartMessage, Surroundings } from "../../model/part.ts";
import { drawList, heightOf, listed } from "../../view/listing.ts";

const origins = { root: "root", asked: "asked for", added: "added", own: "every one" } as const;

const columns: readonly Column<LiveMountRow>[] = [
  { name: "destination", title: "DESTINATION", least: 16, grows: 2, cell: ({ destination }) => destination },
  { name: "type", title: "TYPE", least: 8, cell: ({ type }) => type },
  { name: "source", title: "SOURCE", least: 12, grows: 3, cell: ({ source }) => source || "-" },
  { name: "mode", title: "MODE", least: 6, grows: 1, cell: ({ mode }) => mode },
  { name: "propagation", title: "PROPAGATION", least: 11, priority: 1, cell: ({ propagation }) => propagation || "-" },
  {
    name: "origin",
    title: "WHY",
    least: 9,
    priority: 2,
    cell: ({ origin }) => ({ text: origins[origin], role: origin === "own" ? "dim" : "plain" }),
  },
];

const noRows: readonly LiveMountRow[] = [];
const withKeys = lastOf((rows: readonly LiveMountRow[]) => listed(rows, ({ destination, source }) => `${destination}\0${source}`));

const fedOf = ({ fed, chosen }: Surroundings) => (fed.mounts && fed.mounts.id === chosen?.id ? fed.mounts : undefined);
const rowsOf = (around: Surroundings) => withKeys(fedOf(around)?.rows ?? noRows);

/** The chosen mount whole, and how much has been written. */
function footOf(list: ListState, around: Surroundings): readonly Line[] {
  const { rows, keys } = rowsOf(around);
  const row = rows[placeOf(list, keys)];
  if (!row) return [];
  const { columns: width, rows: height } = around.size;
  const text = `${row.type} ${row.source || "(nothing)"} on ${row.destination} (${row.mode})`;
  const lines = wrapText(text, width)
    .slice(0, Math.max(Math.floor(height / 3), 1))
    .map((part) => line(part, "dim"));
  if (row.origin !== "root") return lines;
  const written = row.bytes === undefined ? "what it has written is being measured ..." : `it has written ${formatSize(row.bytes)}`;
  return [...lines, [span(written, row.bytes === undefined ? "dim" : "accent")]];
}

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const { keys } = rowsOf(around);
  const height = heightOf(list, around, footOf(list, around).length);
  if (message.kind === "mouse") return { state: updateListByMouse(list, message.mouse, keys, height) };
  if (message.kind !== "key") return { state: list };
  // They stand in the order of their places, and nothing can be done to them.
  if (["/", "f4", "space", "*", "U", "<", ">", "f6", "I"].includes(message.key.name)) return { state: list, isUnused: true };
  const changed = updateListByKey(list, message.key, keys, height, []);
  return changed ? { state: changed } : { state: list, isUnused: true };
}

export const mountTab: Part<ListState> = {
  name: "mounts",
  title: "Mounts",
  initial: emptyList("place"),
  needs: (_, { chosen }) => (chosen?.kind === "container" ? [{ kind: "mounts", id: chosen.id }] : []),
  update,
  draw(list, around) {
    const fed = fedOf(around);
    const nothing = fed ? "it is not there any more" : "reading ...";
    return drawList({ list, listed: rowsOf(around), columns, nothing: [nothing], foot: footOf(list, around) }, around);
  },
  keys: () => [{ key: "Up Down", does: "choose; the whole of it stands below", isShown: true }],
};
