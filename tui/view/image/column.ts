// The columns of images. Pure.
import type { LayerCounts } from "../../../src/layer/contribution.ts";
import { shortBytes, shortTime } from "../../draw/amount.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import type { Cell, Column } from "../../draw/table.ts";
import { type ImageRow, isDangling, shortImageId, useOf } from "./row.ts";

/** The instruction without what every one of them has around it. */
export function renderInstruction(createdBy: string): string {
  const text = createdBy.replaceAll(/\s+/g, " ").trim();
  const nop = /^(?:\/bin\/sh -c )?#\(nop\) +(.*)$/.exec(text);
  if (nop) return nop[1] ?? "";
  return text.replace(/^(?:RUN )?\/bin\/sh -c /, "RUN ").replace(/ # buildkit$/, "");
}

/** "12 added, 3 changed, 1 removed". */
export function renderCounts({ added, changed, removed }: LayerCounts): string {
  const words = [
    [added, "added"],
    [changed, "changed"],
    [removed, "removed"],
  ] as const;
  const said = words.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []));
  return said.length > 0 ? said.join(", ") : "no file";
}

function nameCell(row: ImageRow, glyphs: Glyphs): Cell {
  if (row.kind === "image") {
    const sign = row.isOpen ? glyphs.open : glyphs.closed;
    if (row.name !== "") return { text: sign + row.name, role: row.image.users.length > 0 ? "plain" : "dim" };
    return { text: `${sign}<none>${isDangling(row.image) ? " (dangling)" : ""}`, role: "dim" };
  }
  const branch = row.isLast ? glyphs.lastBranch : glyphs.branch;
  if (row.kind === "user") return { text: `${branch}used by ${row.user.name}`, role: "accent" };
  const instruction = renderInstruction(row.step.createdBy) || "not told";
  return { text: branch + instruction, role: row.step.layer === undefined ? "dim" : "plain" };
}

function idCell(row: ImageRow): string {
  if (row.kind === "image") return shortImageId(row.image.id);
  if (row.kind === "user") return row.user.id.slice(0, 12);
  return row.step.diffId === undefined ? "" : shortImageId(row.step.diffId);
}

function ageCell(row: ImageRow, nowMs: number): string {
  const createdMs = row.kind === "image" ? row.image.createdMs : row.kind === "step" ? row.step.createdMs : 0;
  return createdMs > 0 ? shortTime(nowMs - createdMs) : row.kind === "user" ? "" : "-";
}

function sizeCell(row: ImageRow): string {
  if (row.kind === "image") return row.image.isHost ? "-" : shortBytes(row.image.sizeBytes);
  return row.kind === "step" && row.step.layer !== undefined ? shortBytes(row.step.sizeBytes) : "";
}

function sharedBytesOf(row: ImageRow): number | undefined {
  if (row.kind === "image") return row.image.isHost ? undefined : row.image.sharedBytes;
  if (row.kind !== "step" || row.step.diffId === undefined) return undefined;
  return row.image.sharedWith.has(row.step.diffId) ? row.step.sizeBytes : 0;
}

function uniqueCell(row: ImageRow): string {
  const shared = sharedBytesOf(row);
  if (shared === undefined) return row.kind === "image" ? "-" : "";
  return shortBytes((row.kind === "image" ? row.image.sizeBytes : row.kind === "step" ? row.step.sizeBytes : 0) - shared);
}

function useCell(row: ImageRow): Cell {
  if (row.kind === "image") return { text: useOf(row.image), role: row.image.users.length > 0 ? "good" : "dim" };
  if (row.kind === "user") return { text: "container", role: "dim" };
  if (row.step.layer === undefined) return { text: "settings", role: "dim" };
  return { text: row.counts ? renderCounts(row.counts) : "..." };
}

/** `nowMs`: for ages. */
export function imageColumns(nowMs: number, glyphs: Glyphs): readonly Column<ImageRow>[] {
  return [
    { name: "name", title: "IMAGE", least: 20, grows: 3, cell: (row) => nameCell(row, glyphs) },
    { name: "id", title: "ID", least: 12, priority: 4, cell: idCell },
    { name: "age", title: "AGE", least: 4, align: "right", priority: 2, cell: (row) => ageCell(row, nowMs) },
    { name: "size", title: "SIZE", least: 6, align: "right", cell: sizeCell },
    {
      name: "shared",
      title: "SHARED",
      least: 6,
      align: "right",
      priority: 5,
      cell: (row) => {
        const shared = sharedBytesOf(row);
        return shared === undefined ? (row.kind === "image" ? "-" : "") : shortBytes(shared);
      },
    },
    { name: "unique", title: "UNIQUE", least: 7, align: "right", priority: 3, cell: uniqueCell },
    { name: "users", title: "USED BY / FILES", least: 16, grows: 2, priority: 1, cell: useCell },
  ];
}
