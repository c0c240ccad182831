// One line of a log, all of it, read again from its place.
import { newEntry } from "../../../container/log/format.ts";
import { getContainer } from "../../../store/container-record.ts";
import type { Engine } from "../../engine.ts";
import { openLog } from "../log.ts";
import type { LogLine } from "./held.ts";

export interface WholeLine {
  /** At most `mostBytes` of it. */
  readonly text: string;
  readonly isCut: boolean;
  /** RFC 3339 with nine digits. */
  readonly time: string;
  /** As the log keeps them: a JSON object, or nothing. */
  readonly attributes: string;
}

const mostBytes = 2 << 20;

/** What of a held line it is found by. */
export type LineMark = Pick<LogLine, "at" | "stream" | "ms">;

/** Undefined where it is not kept any more. Throws unsupported for a log that is kept nowhere. */
export function readWholeLine(engine: Engine, id: string, { at, stream, ms }: LineMark): WholeLine | undefined {
  const record = getContainer(engine.store, id);
  if (!record) return undefined;
  using files = openLog(engine, record);
  const { format } = files;
  const index = files.files.findIndex(({ identity }) => identity === at.file);
  if (index < 0) return undefined;
  files.begin(index, at.offset);
  files.endHere();
  const entry = newEntry();
  const pieces: Buffer[] = [];
  let [size, isOver, time, attributes] = [0, false, "", ""];
  const take = (data: Buffer, end: number): number => {
    let from = 0;
    while (from < end && !isOver) {
      const found = format.scan(data, from, end, entry);
      if (found === "more") break;
      if (found === "entry" && entry.stream === stream) {
        // Where files are made in the same tick of the kernel's clock, identities may be the same.
        isOver = pieces.length === 0 && format.timeMs(data, entry) !== ms;
        if (isOver) break;
        time ||= format.timeText(data, entry);
        attributes ||= format.attributes(data, entry);
        const text = Buffer.allocUnsafe(entry.textEnd - entry.textStart + 1);
        const isEnded = format.isEnded(data, entry);
        const piece = text.subarray(0, format.copyText(data, entry, text, 0) - (isEnded ? 1 : 0));
        pieces.push(piece);
        size += piece.length;
        isOver = isEnded || size >= mostBytes;
      }
      from = entry.next;
    }
    return from;
  };
  while (!isOver && files.read(take));
  if (pieces.length === 0) return undefined;
  const whole = Buffer.concat(pieces);
  return { text: whole.toString("utf8", 0, mostBytes), isCut: size >= mostBytes, time, attributes };
}
