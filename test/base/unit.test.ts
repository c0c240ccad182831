import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { formatBytes, formatPercent, formatSize, parseBytes, parseBytesOrUnlimited, parseCpus, parseInteger } from "../../src/base/unit.ts";

t.test("bytes are read with docker's units", async (t) => {
  const cases: [string, number][] = [
    ["0", 0],
    ["1000", 1000],
    ["512b", 512],
    ["4k", 4096],
    ["4K", 4096],
    ["4kb", 4096],
    ["4KiB", 4096],
    ["512m", 512 * 1024 ** 2],
    ["1.5g", 1.5 * 1024 ** 3],
    [".5g", 0.5 * 1024 ** 3],
    ["1 GiB", 1024 ** 3],
    ["2t", 2 * 1024 ** 4],
  ];
  for (const [text, bytes] of cases) t.equal(parseBytes(text), bytes, text);
  for (const text of ["", "m", "-1", "1x", "1 2", "1mm", "0x10", "1e3", "9999999p", "1bib"]) {
    t.throws(() => parseBytes(text, "--memory"), { kind: "invalid", code: "bad-size", message: `invalid --memory "${text}"` }, text);
  }
  t.equal(parseBytesOrUnlimited("-1"), -1);
  t.equal(parseBytesOrUnlimited("1k"), 1024);
  t.throws(() => parseBytesOrUnlimited("-2"), TsnsError);
});

t.test("memory is written in powers of 1024, sizes in powers of 1000", async (t) => {
  t.same([0, 1023, 1024, 1536 * 1024 ** 2, 512 * 1024 ** 2, 1234567].map(formatBytes), [
    "0B",
    "1023B",
    "1KiB",
    "1.5GiB",
    "512MiB",
    "1.177MiB",
  ]);
  t.same(
    [0, 999, 1000, 12_345_678, 123_456_789, 1_234].map((n) => formatSize(n)),
    ["0B", "999B", "1kB", "12.3MB", "123MB", "1.23kB"],
  );
  t.equal(formatSize(12_345_678, 4), "12.35MB");
  t.equal(formatSize(999_999), "1MB", "rounding carries to the next unit");
  t.equal(formatPercent(12.3456), "12.35%");
});

t.test("CPUs are read to the billionth", async (t) => {
  t.equal(parseCpus("1.5"), 1_500_000_000);
  t.equal(parseCpus(".25"), 250_000_000);
  t.equal(parseCpus("0.000000001"), 1);
  for (const text of ["0", "-1", "x", "", "1.0000000001", "1e1"]) t.throws(() => parseCpus(text), { code: "bad-cpus" }, text);
});

t.test("whole numbers have bounds", async (t) => {
  t.equal(parseInteger("-5", "n"), -5);
  t.equal(parseInteger("0123", "n"), 123);
  t.throws(() => parseInteger("1", "--n", 2, 8), { message: 'invalid --n "1"', hint: "write a whole number from 2 up to 8" });
  for (const text of ["", "1.5", "a", "1e3", "99999999999999999999"])
    t.throws(() => parseInteger(text, "n"), { code: "bad-integer" }, text);
});
