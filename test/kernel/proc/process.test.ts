import { readFileSync } from "node:fs";
import t from "tap";
import { readBootId, readMemoryTotal } from "../../../src/kernel/proc/host.ts";
import { isRunning, ownIdentity } from "../../../src/kernel/proc/identity.ts";
import { listProcesses, parseCommandLine } from "../../../src/kernel/proc/process.ts";
import { parseProcessStat, readProcessStat } from "../../../src/kernel/proc/stat.ts";
import { parseProcessStatus } from "../../../src/kernel/proc/status.ts";

const fixture = (name: string) => readFileSync(new URL(`fixture/${name}`, import.meta.url), "utf8");

t.test("a name with everything in it", async (t) => {
  t.match(parseProcessStat(fixture("stat-odd-name")), {
    pid: 25_557,
    comm: "a) S (b\n c",
    state: "R",
    parentPid: 25_429,
    processGroup: 25_429,
    session: 6233,
    ttyDevice: 0,
    userTicks: 4,
    systemTicks: 1,
    nice: 0,
    threads: 1,
    startTicks: 333_381,
    virtualBytes: 17_145_856,
    residentPages: 3419,
  });
  for (const text of ["", "1 (a", "x (a) S 1", "1 (a) S 1 2 3", "(a) S"]) t.equal(parseProcessStat(text), undefined, text);
});

t.test("status", async (t) => {
  t.match(parseProcessStatus(fixture("status")), {
    uids: [0, 0, 0, 0],
    gids: [0, 0, 0, 0],
    groups: [],
    namespacePids: [25_620],
    residentBytes: 1636 * 1024,
    threads: 1,
    noNewPrivileges: false,
  });
  const text =
    "Name:\tx\nUid:\t1000\t0\t1\t2\nGid:\t5\t6\t7\t8\nGroups:\t4 24 27 \nNSpid:\t900\t1\nNoNewPrivs:\t1\nSeccomp:\t2\nCapEff:\tff\n";
  t.match(parseProcessStatus(text), {
    uids: [1000, 0, 1, 2],
    groups: [4, 24, 27],
    namespacePids: [900, 1],
    noNewPrivileges: true,
    seccomp: 2,
    capabilities: { effective: "ff", bounding: "" },
  });
  t.equal(parseProcessStatus("Name:\tx\n"), undefined);
});

t.test("command lines", async (t) => {
  t.strictSame(parseCommandLine("sh\0-c\0\0"), ["sh", "-c"]);
  t.strictSame(parseCommandLine("nginx: master process"), ["nginx: master process"]);
  t.strictSame(parseCommandLine(""), []);
});

t.test("this very process", async (t) => {
  const self = readProcessStat(process.pid);
  t.match(self, { pid: process.pid, parentPid: process.ppid });
  t.ok(isRunning(ownIdentity()));
  t.notOk(isRunning({ pid: process.pid, startTime: (self?.startTicks ?? 0) + 1 }));
  t.notOk(isRunning({ pid: 0, startTime: 0 }));
  const [listed, ...rest] = listProcesses([process.pid, 4_194_305]);
  t.strictSame(rest, [], "a pid that cannot be is left out");
  t.match(listed, { pid: process.pid, uid: process.getuid?.(), innerPid: Number });
  t.equal(listed?.args.length, process.argv.length + process.execArgv.length);
  t.ok(Math.abs((listed?.startedMs ?? 0) - (Date.now() - process.uptime() * 1000)) < 60_000, "the start is a date");
  t.ok((listed?.residentBytes ?? 0) > 1_000_000);
});

t.test("the host", async (t) => {
  t.match(readBootId(), /^[0-9a-f-]{36}$/);
  t.ok(readMemoryTotal() > 1_000_000);
});
