// A log's files read as one: rotations between reads, truncation, places in time and from the end.
import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { newEntry } from "../../../../src/container/log/format.ts";
import { LogFiles } from "../../../../src/engine/container/log/file.ts";
import { type Place, placeOfEnd, placeOfMoment, placeOfTail } from "../../../../src/engine/container/log/seek.ts";
import { jsonEntry, localEntry } from "../../../fixture/log-entry.ts";
import { waitFor } from "../../../fixture/wait.ts";

function makeLog(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "tsns-log-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "log");
}

/** Texts of everything there is to read now. */
function texts(files: LogFiles): string[] {
  const entry = newEntry();
  const found: string[] = [];
  const take = (data: Buffer, end: number) => {
    let at = 0;
    while (at < end) {
      const what = files.format.scan(data, at, end, entry);
      if (what === "more") break;
      if (what === "entry") {
        const out = Buffer.alloc(entry.textEnd - entry.textStart + 1);
        found.push(out.toString("utf8", 0, files.format.copyText(data, entry, out, 0)).trimEnd());
      }
      at = entry.next;
    }
    return at;
  };
  while (files.read(take));
  return found;
}

/** As the monitor does it, so many files staying. */
function rotate(log: string, files: number): void {
  if (files === 1) unlinkSync(log);
  for (let at = files - 1; at > 0; at--) {
    try {
      renameSync(at === 1 ? log : `${log}.${at - 1}`, `${log}.${at}`);
    } catch {
      // There are not so many yet.
    }
  }
}

const line = (number: number) => jsonEntry(`${number}\n`, 1000 * number);
const append = (log: string, ...numbers: number[]) => appendFileSync(log, numbers.map(line).join(""));

/** Whether a file made now has another moment of birth: the kernel's clock for files ticks every few milliseconds. */
function isBornLater(log: string): boolean {
  const path = `${log}.now`;
  writeFileSync(path, "");
  const { birthtimeNs } = statSync(path, { bigint: true });
  unlinkSync(path);
  return birthtimeNs > statSync(log, { bigint: true }).birthtimeNs;
}

t.test("rotations between two reads lose nothing that is still there", async (t) => {
  const log = makeLog(t);
  append(log, 1, 2);
  using files = new LogFiles(log, true);
  t.same(texts(files), ["1", "2"]);
  append(log, 3);
  rotate(log, 5);
  append(log, 4, 5);
  rotate(log, 5);
  append(log, 6);
  t.same(texts(files), ["3", "4", "5", "6"], "two of them, and lines behind the last read");
  rotate(log, 5);
  t.same(texts(files), [], "the newest is not there yet");
  append(log, 7);
  t.same(texts(files), ["7"]);
});

t.test("the file being read is gone: what is still there follows", async (t) => {
  const log = makeLog(t);
  append(log, 1);
  using files = new LogFiles(log, true);
  t.same(texts(files), ["1"]);
  for (const number of [2, 3, 4]) {
    rotate(log, 2);
    append(log, number);
  }
  t.same(texts(files), ["3", "4"]);
  const one = makeLog(t);
  append(one, 1);
  using single = new LogFiles(one, true);
  t.same(texts(single), ["1"]);
  rotate(one, 1);
  append(one, 2);
  t.same(texts(single), ["2"], "a log of one file");
});

t.test("a file that somebody has removed is passed over, however many there are", async (t) => {
  const log = makeLog(t);
  const all = [log, ...[1, 2, 3, 4, 12].map((number) => `${log}.${number}`)];
  for (const [number, path] of all.entries()) append(path, 10 - number);
  const read = () => {
    using files = new LogFiles(log, true);
    return texts(files);
  };
  t.same(read(), ["5", "6", "7", "8", "9", "10"]);
  unlinkSync(`${log}.1`);
  t.same(read(), ["5", "6", "7", "8", "10"]);
  unlinkSync(`${log}.2`);
  unlinkSync(log);
  t.same(read(), ["5", "6", "7"], "the newest ones alone");
});

t.test("the file being read is removed alone: nothing older is read again", async (t) => {
  const log = makeLog(t);
  for (const number of [0, 1, 2]) {
    if (number > 0) await waitFor("a later moment of birth", () => isBornLater(log));
    rotate(log, 5);
    append(log, number);
  }
  using files = new LogFiles(log, true);
  t.same(texts(files), ["0", "1", "2"]);
  await waitFor("a later moment of birth", () => isBornLater(log));
  rotate(log, 5);
  unlinkSync(`${log}.1`);
  append(log, 3);
  t.same(texts(files), ["3"]);
});

t.test("a log that begins later, and one that is cut to nothing", async (t) => {
  const log = makeLog(t);
  using files = new LogFiles(log, true);
  t.same(texts(files), []);
  append(log, 1, 2);
  t.same(texts(files), ["1", "2"]);
  truncateSync(log, 0);
  append(log, 3);
  t.same(texts(files), ["3"]);
});

t.test("an entry is read when it is whole", async (t) => {
  const log = makeLog(t);
  const whole = line(1);
  writeFileSync(log, whole.slice(0, 20));
  using files = new LogFiles(log, true);
  t.same(texts(files), []);
  appendFileSync(log, whole.slice(20));
  t.same(texts(files), ["1"]);
});

const count = 30_000;
const makers = {
  json: (number: number) => jsonEntry(`${number}\n`, 1000 * number),
  local: (number: number) => localEntry(Buffer.from(`${number}`), { nanos: BigInt(number) * 1_000_000_000n }),
};

for (const [kind, make] of Object.entries(makers)) {
  t.test(`places in files of ${kind}`, async (t) => {
    const log = makeLog(t);
    const third = count / 3;
    for (const [name, from] of [
      [`${log}.2`, 0],
      [`${log}.1`, third],
      [log, 2 * third],
    ] as const)
      writeFileSync(name, Buffer.concat(Array.from({ length: third }, (_, at) => Buffer.from(make(from + at)))));
    const from = (place: (files: LogFiles) => Place) => {
      using files = new LogFiles(log, kind === "json");
      const { index, offset } = place(files);
      files.begin(index, offset);
      return texts(files);
    };
    const all = Array.from({ length: count }, (_, at) => `${at}`);
    for (const number of [0, 1, 17, third - 1, third, third + 1, 2 * third, 2 * third + 4711, count - 1, count]) {
      const got = from(({ files, format }) => placeOfMoment(files, format, 1000 * number));
      t.equal(got.length, count - number, `from ${number} on`);
      t.equal(got[0], all[number]);
    }
    for (const number of [0, 1, 2, third, third + 1, count - 1, count, count + 5]) {
      const got = from(({ files, format }) => placeOfTail(files, format, placeOfEnd(files), number));
      t.equal(got.length, Math.min(number, count), `the last ${number}`);
    }
  });
}

t.test("the last lines of a file that is being written", async (t) => {
  const log = makeLog(t);
  const big = Buffer.alloc(16_000, "x");
  writeFileSync(log, Buffer.concat([...Array.from({ length: 100 }, () => localEntry(big)), localEntry(big).subarray(0, 9000)]));
  using files = new LogFiles(log, false);
  const { index, offset } = placeOfTail(files.files, files.format, placeOfEnd(files.files), 2);
  files.begin(index, offset);
  t.equal(texts(files).length, 2);
});

t.test("pieces of a long line are one line", async (t) => {
  const log = makeLog(t);
  const pieces = ["one\n", "a", "a", "a\n", "b", "b\n", "open"];
  writeFileSync(log, pieces.map((text, at) => jsonEntry(text, at)).join(""));
  for (const [number, wanted] of [
    [1, "open"],
    [2, "bbopen"],
    [3, "aaabbopen"],
  ] as const) {
    using files = new LogFiles(log, true);
    const { index, offset } = placeOfTail(files.files, files.format, placeOfEnd(files.files), number);
    files.begin(index, offset);
    t.equal(texts(files).join(""), wanted);
  }
});

t.test("an end that is set stays, whatever is written and rotated afterwards", async (t) => {
  const log = makeLog(t);
  writeFileSync(log, line(1) + line(2));
  using files = new LogFiles(log, true);
  files.endHere();
  appendFileSync(log, line(3));
  t.same(texts(files), ["1", "2"]);
  rotate(log, 3);
  appendFileSync(log, line(4));
  t.same(texts(files), []);
});
