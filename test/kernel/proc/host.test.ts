import { readFileSync } from "node:fs";
import t from "tap";
import { parseHostCpu, parseMeminfo } from "../../../src/kernel/proc/host.ts";
import { openLinkCounters, parseLinkBytes, parseNetDev, readNetworkTraffic } from "../../../src/kernel/proc/net-dev.ts";
import { parsePasswd } from "../../../src/kernel/proc/passwd.ts";

const fixture = (name: string) => readFileSync(new URL(`fixture/${name}`, import.meta.url), "utf8");

t.test("CPU time of the host is docker's sum of seven", async (t) => {
  const text = "cpu  1 2 3 4 5 6 7 100 100 100\ncpu0 1 2 3 4 5 6 7 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nbtime 1700000000\n";
  t.strictSame(parseHostCpu(text), { totalNanos: 28e7, onlineCpus: 2, bootSeconds: 1_700_000_000 });
  const recorded = parseHostCpu(fixture("stat-host"));
  t.equal(recorded.onlineCpus, 2);
  t.ok(recorded.totalNanos > 0 && recorded.bootSeconds > 0);
});

t.test("memory in bytes", async (t) => {
  const memory = parseMeminfo(fixture("meminfo"));
  t.equal(memory.get("MemTotal"), Number(/MemTotal: +(\d+)/.exec(fixture("meminfo"))?.[1]) * 1024);
  t.equal(parseMeminfo("HugePages_Total:       3\n").get("HugePages_Total"), 3);
});

t.test("traffic per link", async (t) => {
  const links = parseNetDev(fixture("net-dev"));
  t.strictSame(
    links.map((link) => link.name),
    ["lo", "ifb0", "ifb1", "eth0"],
  );
  t.strictSame(links.at(-1), {
    name: "eth0",
    receivedBytes: 443_135_388,
    receivedPackets: 11_668,
    sentBytes: 890_929,
    sentPackets: 7391,
  });
  const counters = "1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0";
  t.match(parseNetDev(`eth0:1: ${counters}\neth1:${counters}\n`), [
    { name: "eth0:1", receivedBytes: 1 },
    { name: "eth1", sentPackets: 4 },
  ]);
});

t.test("bytes of some links among many", async (t) => {
  const text = Buffer.from(fixture("net-dev"));
  t.same([...parseLinkBytes(text, new Set(["eth0", "nobody"]))], [["eth0", { receivedBytes: 443_135_388, sentBytes: 890_929 }]]);
  const counters = "1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0";
  t.same(
    [...parseLinkBytes(Buffer.from(`eth0:1: ${counters}\neth1:${counters}\n`), new Set(["eth0:1", "eth1"])).keys()],
    ["eth0:1", "eth1"],
  );
  using links = openLinkCounters();
  t.same([...links.read(new Set())], []);
  const own = readNetworkTraffic(process.pid)[0];
  const names = new Set(own ? ["lo", own.name] : ["lo"]);
  for (const _ of [1, 2]) t.equal(links.read(names).size, names.size, "read from its start each time");
});

t.test("user names", async (t) => {
  const names = parsePasswd("root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+::::::\nbad\nu:x:1000:1000::/:\n");
  t.strictSame(
    [...names],
    [
      [0, "root"],
      [1000, "u"],
    ],
  );
});
