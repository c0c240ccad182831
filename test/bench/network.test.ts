// What the benchmarks of networks and names say of their measurements.
import t from "tap";
import { parseDnsperf, renderNames } from "./name.mjs";
import { renderSamples } from "./network.mjs";

t.test("engines beside each other", async (t) => {
  const port = "published port, from the LAN";
  t.match(
    renderSamples(port, "Gbit/s", { tsns: [9, 10, 11], docker: [9, 8, 10] }, "high", 1),
    /tsns 10\.0 {2}docker 9\.0 Gbit\/s {2}1\.11x docker, at least 1x: reached$/,
  );
  t.match(renderSamples(port, "Gbit/s", { tsns: [8], docker: [10] }, "high", 1), /0\.80x .*MISSED$/);
  t.match(renderSamples(port, "Gbit/s", { tsns: [9.8], docker: [10] }, "high", 1), /reached$/, "within the noise");
  t.match(renderSamples("connect", "ms", { tsns: [50], docker: [100] }, "low"), /0\.50x docker$/);
  t.match(renderSamples("connect", "ms", { tsns: [50] }, "low"), /tsns 50\.0 ms$/, "docker is not there");
});

const dnsperf = `DNS Performance Testing Tool
> NOERROR name-0-1 A 0.000512
> NOERROR name-0-2 A 0.000236
> SERVFAIL name-0-3 A 0.000125

  Queries sent:         4
  Queries completed:    3 (75.00%)
  Queries lost:         1 (25.00%)

  Response codes:       NOERROR 2 (66.67%), SERVFAIL 1 (33.33%)
  Queries per second:   20123.530155
`;

t.test("the load dnsperf tells of", async (t) => {
  t.same(parseDnsperf(dnsperf), { queriesPerSecond: 20123.530155, lost: 1, wrong: 1, medianMs: 0.236 });
  const good = { queriesPerSecond: 20_100, lost: 0, wrong: 0, medianMs: 0.2 };
  t.match(renderNames({ ...good, queriesPerSecond: 55_000 }, good, 0.4), [
    /1000 of them/,
    /55000 queries\/s.*reached$/,
    /median 0\.200 ms.*reached$/,
    /40 %/,
  ]);
  t.match(renderNames({ ...good, queriesPerSecond: 15_000 }, { ...good, lost: 1 }, 1), [/./, /MISSED$/, /1 lost.*MISSED$/, /100 %/]);
  t.match(renderNames({ ...good, wrong: 1 }, { ...good, medianMs: 1.5 }, 1), [/./, /MISSED$/, /MISSED$/, /./]);
});
