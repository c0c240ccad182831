// Use case: what containers wrote, from the files that are kept of it, optionally followed.
import { TsnsError } from "../../base/error.ts";
import type { Entry, LogFormat } from "../../container/log/format.ts";
import { type ContainerRecord, isLive } from "../../container/record.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { LogFiles } from "./log/file.ts";
import { type LineStyle, type LogStream, makePrinter } from "./log/line.ts";
import { placeOfEnd, placeOfMoment, placeOfTail } from "./log/seek.ts";
import { keptLog } from "./logging.ts";
import { observeContainer } from "./observe.ts";

export interface LogRequest extends LineStyle {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Last so many lines; undefined: all. */
  readonly tail?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Bytes of one stream, in order; valid during the call. */
export type WriteLog = (stream: LogStream, bytes: Uint8Array) => void;

/**
 * Writes the logs of containers: of one as it wrote it, of several line by line in order of time, each line with its container's name. Ends at their end,
 * or with `follow` when the containers have ended. Throws not-found, and unsupported for a log that is kept nowhere.
 */
export async function readLogs(engine: Engine, references: readonly string[], request: LogRequest, write: WriteLog): Promise<void> {
  const records = [
    ...new Map(references.map((reference) => findContainer(engine.store, reference)).map((record) => [record.id, record])).values(),
  ];
  const [only] = records;
  if (!only) return;
  if (records.length > 1) {
    const { readSeveral } = await import("./log/merge.ts");
    return readSeveral(engine, records, request, write);
  }
  using files = openLog(engine, only);
  beginAt(files, request);
  const printer = makePrinter(files.format, request, wantedBy(files.format, request), write);
  const drain = () => {
    while (files.read(printer.take));
    printer.flush();
  };
  if (!request.follow) files.endHere();
  if (!request.follow || !isLive(observeContainer(engine, only))) return drain();
  const { followLog } = await import("./log/follow.ts");
  await followLog(engine, only, request, drain);
}

/** The files of a container's log. Throws unsupported, in docker's words, where nothing is kept. */
export function openLog(engine: Engine, { id, name, spec }: ContainerRecord): LogFiles {
  const kept = keptLog(containerDirectory(engine.root, id), spec.log);
  if (kept) return new LogFiles(kept.path, kept.isJson);
  throw new TsnsError("unsupported", "log-unreadable", "configured logging driver does not support reading", {
    hint: `container ${name} was created with --log-driver ${spec.log.driver}${spec.log.options?.["cache-disabled"] ? " and cache-disabled" : ""}`,
  });
}

/** Goes to the first entry that --since and --tail want. */
export function beginAt(files: LogFiles, { sinceMs, untilMs, tail, follow }: LogRequest): void {
  const { format } = files;
  const since = sinceMs === undefined ? { index: 0, offset: 0 } : placeOfMoment(files.files, format, sinceMs);
  if (tail === undefined) {
    files.begin(since.index, since.offset);
    return;
  }
  const until = untilMs === undefined ? placeOfEnd(files.files) : placeOfMoment(files.files, format, untilMs + 0.0005);
  const place = placeOfTail(files.files, format, until, tail);
  // What is written meanwhile would be lines too many.
  const last = files.files[until.index];
  if (!follow && untilMs === undefined && last) files.endAt({ file: last.identity, offset: until.offset });
  const isLater = place.index > since.index || (place.index === since.index && place.offset > since.offset);
  const { index, offset } = isLater ? place : since;
  files.begin(index, offset);
}

/** undefined: everything is wanted, and no time needs to be read. */
export function wantedBy(format: LogFormat, { sinceMs, untilMs }: LogRequest): ((data: Buffer, entry: Entry) => boolean) | undefined {
  if (sinceMs === undefined && untilMs === undefined) return undefined;
  const [from, to] = [sinceMs ?? Number.NEGATIVE_INFINITY, untilMs ?? Number.POSITIVE_INFINITY];
  return (data, entry) => {
    const ms = format.timeMs(data, entry);
    return ms >= from && ms <= to;
  };
}
