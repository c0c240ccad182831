// The forms of cgroup texts.
import t from "tap";
import { parseBlkio, parseFlat, parseIoStat, parseNumber, readOomKills } from "../../src/cgroup/usage.ts";

t.test("kills by the OOM killer", async (t) => {
  t.equal(readOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "v1"), 3);
  t.equal(readOomKills("oom_kill_disable 0\nunder_oom 1\n", "v1"), 0, "before Linux 4.13");
  t.equal(readOomKills("low 0\nhigh 0\nmax 9\noom 5\noom_kill 2\noom_group_kill 1\n", "v2"), 2);
  t.equal(readOomKills("", "v2"), 0);
});

t.test("parts", async (t) => {
  t.equal(parseNumber("max\n"), Number.POSITIVE_INFINITY);
  t.equal(parseNumber(undefined), undefined);
  t.equal(parseNumber("12x"), undefined);
  t.equal(parseFlat("a 1\nb x\nc 2 3\n").size, 1);
  t.strictSame(parseBlkio("8:0 Read 1\n8:16 Read 2\n8:0 Write 4\n8:0 Total 7\nTotal 7\n"), { readBytes: 3, writeBytes: 4 });
  t.strictSame(parseIoStat("8:0 rbytes=1 wbytes=2 rios=9\n8:16 rbytes=10\n"), { readBytes: 11, writeBytes: 2 });
});
