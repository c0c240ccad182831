// The logs of several containers as one, in order of time, each line after the name of its container.
import { type ContainerRecord, isLive } from "../../../container/record.ts";
import type { Engine } from "../../engine.ts";
import { beginAt, type LogRequest, openLog, type WriteLog, wantedBy } from "../log.ts";
import { observeContainer } from "../observe.ts";
import type { LogFiles } from "./file.ts";
import { followLog } from "./follow.ts";
import { type Line, makeCollector, type TakePart } from "./line.ts";

interface Source {
  readonly record: ContainerRecord;
  readonly files: LogFiles;
  readonly take: TakePart;
  rest(): void;
  /** Lines that have been read and not yet been written; `at` is the first of them. */
  lines: Line[];
  at: number;
  isOver: boolean;
  readonly prefix: Buffer;
}

/** What has been written is merged by time; while they are followed, what one look at all of them finds. */
export async function readSeveral(
  engine: Engine,
  records: readonly ContainerRecord[],
  request: LogRequest,
  write: WriteLog,
): Promise<void> {
  using stack = new DisposableStack();
  const width = Math.max(...records.map(({ name }) => name.length));
  const sources = records.map((record): Source => {
    const files = stack.use(openLog(engine, record));
    beginAt(files, request);
    if (!request.follow) files.endHere();
    const lines: Line[] = [];
    const collector = makeCollector(files.format, request, wantedBy(files.format, request), (line) => lines.push(line));
    return { record, files, lines, at: 0, isOver: false, prefix: Buffer.from(`${record.name.padEnd(width)} | `), ...collector };
  });
  const batch = makeBatch(write);
  mergePast(sources, !request.follow, batch.write);
  batch.flush();
  if (!request.follow) return;
  const followed = new Set(sources);
  // Of all, whoever has more: who was not awake for a moment finds lines of several.
  const drain = () => {
    for (const source of followed) source.isOver = false;
    mergePast([...followed], false, batch.write);
    batch.flush();
  };
  await Promise.all(
    sources.map(async (source) => {
      if (isLive(observeContainer(engine, source.record))) await followLog(engine, source.record, request, drain);
      drain();
      followed.delete(source);
      source.rest();
      writeAll(source, batch.write);
      batch.flush();
    }),
  );
}

const batchBytes = 1 << 18;

/** Lines that follow each other in the same stream are written together. */
function makeBatch(write: WriteLog): { readonly write: WriteLog; flush(): void } {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let current: 0 | 1 = 0;
  const flush = () => {
    if (size > 0) write(current, Buffer.concat(pieces));
    pieces = [];
    size = 0;
  };
  return {
    write(stream, bytes) {
      if (stream !== current || size > batchBytes) flush();
      current = stream;
      pieces.push(bytes);
      size += bytes.length;
    },
    flush,
  };
}

/** `isAll`: lines without an end are written too, as nothing more will come. */
function mergePast(sources: readonly Source[], isAll: boolean, write: WriteLog): void {
  for (;;) {
    for (const source of sources) fill(source, isAll);
    const first = sources.filter(({ lines, at }) => at < lines.length).reduce<Source | undefined>(earlier, undefined);
    if (!first) return;
    writeLine(first, write);
  }
}

function fill(source: Source, isAll: boolean): void {
  if (source.at < source.lines.length || source.isOver) return;
  source.lines.length = 0;
  source.at = 0;
  while (source.lines.length === 0 && source.files.read(source.take));
  if (source.lines.length > 0) return;
  source.isOver = true;
  if (isAll) source.rest();
}

function earlier(found: Source | undefined, source: Source): Source {
  if (!found) return source;
  return (source.lines[source.at]?.ms ?? 0) < (found.lines[found.at]?.ms ?? 0) ? source : found;
}

function writeLine(source: Source, write: WriteLog): void {
  const line = source.lines[source.at++];
  if (line) write(line.stream, Buffer.concat([source.prefix, line.bytes]));
}

function writeAll(source: Source, write: WriteLog): void {
  while (source.at < source.lines.length) writeLine(source, write);
  source.lines.length = 0;
  source.at = 0;
}
