// Readers of kept logs on any bytes: they end, stay within the data, and give back what was written.
import fc from "fast-check";
import t from "tap";
import { parseLogAddress } from "../../src/container/log/address.ts";
import { jsonFormat } from "../../src/container/log/format/json.ts";
import { localFormat } from "../../src/container/log/format/local.ts";
import { type LogFormat, newEntry } from "../../src/container/log/format.ts";
import { parseLog } from "../../src/container/log/option.ts";
import { jsonEntry, localEntry } from "../fixture/log-entry.ts";

const numRuns = 2000;

/** Texts of all entries; fails where the reader leaves the data or stands still. */
function texts(format: LogFormat, data: Buffer): Buffer[] {
  const entry = newEntry();
  const found: Buffer[] = [];
  for (let at = 0; at < data.length; at = entry.next) {
    const what = format.scan(data, at, data.length, entry);
    if (what === "more") break;
    if (entry.next <= at || entry.next > data.length) throw new Error(`from ${at} to ${entry.next}`);
    if (what === "skip") continue;
    const out = Buffer.alloc(entry.textEnd - entry.textStart + 1);
    const end = format.copyText(data, entry, out, 0);
    if (end > out.length) throw new Error("too long");
    format.timeMs(data, entry);
    format.isEnded(data, entry);
    format.attributes(data, entry);
    found.push(out.subarray(0, end));
  }
  return found;
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const framed = fc.array(fc.record({ text: bytes, isEnded: fc.boolean(), stream: fc.constantFrom(0 as const, 1 as const) }), {
  maxLength: 6,
});

t.test("any bytes", async (t) => {
  const damaged = fc.tuple(framed, fc.nat(), fc.nat(255)).map(([entries, at, byte]) => {
    const data = Buffer.concat(entries.map(({ text, ...choice }) => localEntry(text, choice)));
    if (data.length > 0) data[at % data.length] = byte;
    return data;
  });
  for (const format of [jsonFormat, localFormat])
    fc.assert(
      fc.property(fc.oneof(bytes, damaged), (data) => {
        texts(format, data);
        for (const isWhole of [true, false])
          for (const at of format.entriesOf(data, isWhole)) if (at < 0 || at >= data.length) throw new Error(`${at}`);
      }),
      { numRuns },
    );
  t.pass("no exception, no endless loop");
});

t.test("what was written comes back", async (t) => {
  fc.assert(
    fc.property(framed, (entries) => {
      const data = Buffer.concat(entries.map(({ text, ...choice }) => localEntry(text, choice)));
      const got = Buffer.concat(texts(localFormat, data));
      const wanted = Buffer.concat(entries.map(({ text, isEnded }) => (isEnded ? Buffer.concat([text, Buffer.from("\n")]) : text)));
      return got.equals(wanted) && localFormat.entriesOf(data, true).length === entries.length;
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }), (lines) => {
      const data = Buffer.from(lines.map((line) => jsonEntry(line, 0)).join(""));
      const got = texts(jsonFormat, data).map(String);
      return got.length === lines.length && got.every((text, at) => text === lines[at]?.toWellFormed());
    }),
    { numRuns },
  );
  t.pass();
});

t.test("options and addresses of any kind are taken or refused", async (t) => {
  const word = fc.oneof(
    fc.string(),
    fc.tuple(fc.constantFrom("tag", "max-size", "syslog-address", "mode"), fc.string()).map((pair) => pair.join("=")),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("json-file", "syslog", "fluentd", "none", "__proto__"),
      fc.array(word, { maxLength: 3 }),
      (driver, words) => {
        try {
          parseLog(driver, words);
        } catch (error) {
          if ((error as { kind?: string }).kind !== "invalid") throw error;
        }
        parseLogAddress(words[0] ?? "", 1);
      },
    ),
    { numRuns },
  );
  t.pass();
});
