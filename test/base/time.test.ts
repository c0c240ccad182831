import t from "tap";
import { formatAgo, formatDateTime, formatDuration, formatTimestamp, parseDuration, parseMoment } from "../../src/base/time.ts";

t.test("durations are Go's", async (t) => {
  const cases: [string, number][] = [
    ["0", 0],
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["100ms", 100],
    ["250us", 0.25],
    ["-5m", -300_000],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text);
  for (const text of ["", "5", "s", "1 s", "1d", "1h-5m", "."]) t.throws(() => parseDuration(text), { code: "bad-duration" }, text);
});

t.test("moments: ago, Unix time, dates", async (t) => {
  const now = Date.UTC(2026, 0, 31, 12, 0, 0);
  t.equal(parseMoment("10m", now), now - 600_000);
  t.equal(parseMoment("1700000000", now), 1_700_000_000_000);
  t.equal(parseMoment("1700000000.5", now), 1_700_000_000_500);
  t.equal(parseMoment("2026-01-31T12:00:00Z", 0), now);
  t.equal(parseMoment("2026-01-31T13:00:00.000+01:00", 0), now);
  t.equal(parseMoment("2026-01-31", 0), new Date(2026, 0, 31).getTime());
  for (const text of ["", "yesterday", "2026-13-45", "2026-1-1"])
    t.throws(() => parseMoment(text, now, "--since"), { code: "bad-time" }, text);
});

t.test("docker's words for how long", async (t) => {
  const second = 1000;
  const hour = 3600 * second;
  const cases: [number, string][] = [
    [0, "Less than a second"],
    [second, "1 second"],
    [59 * second, "59 seconds"],
    [60 * second, "About a minute"],
    [119 * second, "About a minute"],
    [120 * second, "2 minutes"],
    [59.9 * 60 * second, "59 minutes"],
    [hour, "About an hour"],
    [1.4 * hour, "About an hour"],
    [1.5 * hour, "2 hours"],
    [47 * hour, "47 hours"],
    [48 * hour, "2 days"],
    [14 * 24 * hour, "2 weeks"],
    [60 * 24 * hour, "2 months"],
    [365 * 2 * 24 * hour, "2 years"],
  ];
  for (const [ms, text] of cases) t.equal(formatDuration(ms), text, `${ms} ms`);
  t.equal(formatAgo(1000, 3000), "2 seconds ago");
});

t.test("timestamps", async (t) => {
  const at = Date.UTC(2026, 0, 31, 12, 0, 0);
  t.equal(formatTimestamp(at), "2026-01-31T12:00:00Z");
  t.equal(formatTimestamp(at + 123), "2026-01-31T12:00:00.123Z");
  t.match(formatTimestamp(at + 123.4567), /^2026-01-31T12:00:00\.1234\d{2,5}Z$/);
  t.equal(formatTimestamp(0), "0001-01-01T00:00:00Z");
  t.equal(formatDateTime(at), "2026-01-31 12:00:00 +0000 UTC");
});
