// Figures of the machine: what the texts of /proc say.
import t from "tap";
import { parseCores, parseLoad, parsePressure } from "../../../src/kernel/host/figure.ts";

t.test("/proc/stat: cores by number, one that is off is missing", async (t) => {
  const text = "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 10 1 20 300 5 2 3 4 0 0\ncpu2 1 0 1 1 0 0 0 0 0 0\nintr 5 0\n";
  t.same(
    [...parseCores(text)],
    [
      [0, { user: 11, system: 25, idle: 300, wait: 5, steal: 4 }],
      [2, { user: 1, system: 1, idle: 1, wait: 0, steal: 0 }],
    ],
  );
});

t.test("/proc/loadavg and /proc/pressure", async (t) => {
  t.same(parseLoad("4.71 4.70 3.80 10/326 16034\n"), { averages: [4.71, 4.7, 3.8], runnable: 10, threads: 326 });
  t.equal(
    parsePressure("some avg10=75.11 avg60=53.21 avg300=54.15 total=21076837459\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
    75.11,
  );
  t.equal(parsePressure(undefined), undefined);
  t.equal(parsePressure("garbage"), undefined);
});
