// The formats of kept logs, entry by entry.
import t from "tap";
import { jsonFormat } from "../../../src/container/log/format/json.ts";
import { localFormat } from "../../../src/container/log/format/local.ts";
import { type LogFormat, newEntry } from "../../../src/container/log/format.ts";
import { localEntry } from "../../fixture/log-entry.ts";

function readAll(format: LogFormat, data: Buffer) {
  const entry = newEntry();
  const found = [];
  for (let at = 0; at < data.length; at = entry.next) {
    const what = format.scan(data, at, data.length, entry);
    if (what === "more") break;
    if (what === "skip") continue;
    const out = Buffer.alloc(entry.textEnd - entry.textStart + 1);
    const text = out.toString("latin1", 0, format.copyText(data, entry, out, 0));
    const { stream } = entry;
    found.push({
      text,
      stream,
      ended: format.isEnded(data, entry),
      time: format.timeText(data, entry),
      attributes: format.attributes(data, entry),
    });
  }
  return found;
}

const json = (line: string) => readAll(jsonFormat, Buffer.from(`${line}\n`))[0];

t.test("json", async (t) => {
  const time = "2026-01-02T03:04:05.0607Z";
  const line = (log: string, more = "") => `{"log":"${log}","stream":"stderr",${more}"time":"${time}"}`;
  t.same(json(line("a\\tb\\n")), { text: "a\tb\n", stream: 1, ended: true, time: "2026-01-02T03:04:05.060700000Z", attributes: "" });
  t.match(json(line("a\\\\n")), { text: "a\\n", ended: false }, "a backslash before an n");
  t.match(json(line("a\\\\\\n")), { text: "a\\\n", ended: true });
  t.match(json(line('\\",\\"stream\\":\\"stdout\\",\\n')), { text: '","stream":"stdout",\n', stream: 1 });
  t.equal(Buffer.from(json(line("\\u00e4\\ud83d\\ude00\\u2028\\ud800x"))?.text ?? "", "latin1").toString(), "ä😀\u2028\ufffdx");
  const attributes = '{"a":"b\\",\\"stream\\":\\"stdout","stream":"stdout","x":"\\\\"}';
  t.match(json(line("x\\n", `"attrs":${attributes},`)), { text: "x\n", stream: 1, attributes });
  t.equal(json(""), undefined);
  t.equal(json(`{"log":"cut`), undefined);
  t.equal(json(`{"stream":"stdout","log":"x","time":"${time}"}`), undefined, "not as it is written");
  const both = readAll(jsonFormat, Buffer.from(`rubbish\n${line("x")}\n{"log":"to come`));
  t.equal(both.length, 1);
});

t.test("json: times", async (t) => {
  for (const time of ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.000000001Z"]) {
    const data = Buffer.from(`{"log":"x","stream":"stdout","time":"${time}"}\n`);
    const entry = newEntry();
    jsonFormat.scan(data, 0, data.length, entry);
    const whole = Date.parse("2026-01-02T03:04:05Z");
    const fraction = Number(`0.${time.slice(20, -1) || "0"}`) * 1000;
    t.ok(Math.abs(jsonFormat.timeMs(data, entry) - whole - fraction) < 0.001, time);
  }
});

t.test("local", async (t) => {
  const bytes = Buffer.from([0, 255, 10, 1]);
  const data = Buffer.concat([localEntry(bytes, { nanos: 1_000_000_007n }), localEntry(Buffer.from("x"), { stream: 1, isEnded: false })]);
  t.same(readAll(localFormat, data), [
    { text: "\0\xff\n\x01\n", stream: 0, ended: true, time: "1970-01-01T00:00:01.000000007Z", attributes: "" },
    { text: "x", stream: 1, ended: false, time: "1970-01-01T00:00:00.000000000Z", attributes: "" },
  ]);
  t.same(localFormat.entriesOf(data, true), [0, data.length - 21]);
  t.same(localFormat.entriesOf(data.subarray(3), false), [data.length - 24], "only what is whole");
  t.same(localFormat.entriesOf(data.subarray(0, -1), true), [0], "a torn end");
  t.equal(readAll(localFormat, Buffer.from("this is no log of ours at all")).length, 0);
});
