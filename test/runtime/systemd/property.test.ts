import t from "tap";
import { unifiedSettings } from "../../../src/runtime/group/unified.ts";
import { deviceProperties, parseDrivers } from "../../../src/runtime/systemd/device.ts";
import { type GroupWrite, limitProperties, type UnitProperty } from "../../../src/runtime/systemd/property.ts";
import { propertyWords, scopeProperties } from "../../../src/runtime/systemd/scope.ts";
import { configOf } from "../../fixture/oci-config.ts";

const words = (properties: readonly UnitProperty[]) => properties.map(({ name, type, words }) => [name, type, ...words].join(" "));
const of = (files: Readonly<Record<string, string>>, version = 252, period?: bigint) =>
  words(
    limitProperties(
      Object.entries(files).map(([file, value]): GroupWrite => ({ file, value })),
      version,
      period,
    ),
  );

const none = "18446744073709551615";

t.test("numbers", async (t) => {
  t.same(of({ "memory.max": "64", "memory.swap.max": "0", "memory.low": "max", "pids.max": "max" }), [
    "MemoryMax t 64",
    "MemorySwapMax t 0",
    `MemoryLow t ${none}`,
    `TasksMax t ${none}`,
  ]);
  t.same(of({ "memory.limit_in_bytes": "-1", "cpu.shares": "512", "blkio.weight": "300" }), [
    `MemoryLimit t ${none}`,
    "CPUShares t 512",
    "BlockIOWeight t 300",
  ]);
  t.same(of({ "memory.max": "0", "cpu.weight": "20000", "cpu.shares": "1", "blkio.weight": "5" }), [], "the kernel judges");
  t.same(of({ "io.max": "8:0 rbps=5", "hugetlb.2MB.max": "5", "memory.oom.group": "1", "cpu.idle": "1" }), [], "nothing like it");
});

t.test("lists as bits", async (t) => {
  t.same(of({ "cpuset.cpus": "0-2,9", "cpuset.mems": "0" }), ["AllowedCPUs ay 2 7 2", "AllowedMemoryNodes ay 1 1"]);
  t.same(of({ "cpuset.cpus": "8" }), ["AllowedCPUs ay 2 0 1"]);
  t.same(of({ "cpuset.cpus": "0" }, 243), [], "not known to systemd before 244");
});

t.test("CPU time, up to the next percent", async (t) => {
  t.same(of({ "cpu.max": "25500 100000" }), ["CPUQuotaPeriodUSec t 100000", "CPUQuotaPerSecUSec t 260000"]);
  t.same(of({ "cpu.max": "50000 50000" }, 241), ["CPUQuotaPerSecUSec t 1000000"]);
  t.same(of({ "cpu.max": "max 100000" }), ["CPUQuotaPeriodUSec t 100000", `CPUQuotaPerSecUSec t ${none}`]);
  t.same(of({ "cpu.max": "10000" }), ["CPUQuotaPerSecUSec t 100000"]);
  t.same(of({ "cpu.cfs_quota_us": "30000" }), ["CPUQuotaPerSecUSec t 300000"]);
  t.same(of({ "cpu.cfs_quota_us": "30000" }, 252, 50_000n), ["CPUQuotaPerSecUSec t 600000"], "of the period that is set");
  t.same(of({ "cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "20000" }), ["CPUQuotaPeriodUSec t 20000", `CPUQuotaPerSecUSec t ${none}`]);
});

t.test("of resources, as their files say them", async (t) => {
  const resources = { memory: { limit: 100, swap: 150 }, cpu: { shares: 1024 }, unified: { "memory.high": "90", "pids.max": "5" } };
  const { settings } = unifiedSettings(configOf({ linux: { resources } }).linux.resources, {});
  t.same(words(limitProperties(settings, 252)).sort(), [
    "CPUWeight t 100",
    "MemoryHigh t 90",
    "MemoryMax t 100",
    "MemorySwapMax t 50",
    "TasksMax t 5",
  ]);
});

const drivers = parseDrivers(
  "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n136 pts\n\nBlock devices:\n259 blkext\n  8 sd\n",
);
const entries = (rules: Parameters<typeof deviceProperties>[0]) => {
  const [policy, emptied, { words: [, ...list] = [] } = {}] = deviceProperties(rules, drivers);
  if (emptied?.words.join(" ") !== "0") throw new Error("what was there is added to");
  const own = list.flatMap((word, at) => (at % 2 === 0 ? [`${word} ${list[at + 1]}`] : []));
  return [policy?.words[0], ...own.filter((entry) => !usual.includes(entry))];
};
/** Those that every container has. */
const usual = [
  "char-* m",
  "block-* m",
  "char-pts rwm",
  ...["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "10:200"].map((n) => `/dev/char/${n} rwm`),
];
const nothing = { allow: false, type: "a", access: "rwm" } as const;

t.test("devices", async (t) => {
  t.same(entries([nothing]), ["strict"]);
  t.same(
    entries([
      nothing,
      { allow: true, type: "b", major: 8, minor: 0, access: "rw" },
      { allow: true, type: "b", major: 8, access: "r" },
      { allow: true, type: "c", major: 77, access: "r" },
    ]),
    ["strict", "/dev/block/8:0 rw", "block-sd r"],
  );
  t.same(
    entries([
      nothing,
      { allow: true, type: "b", major: 8, minor: 0, access: "rw" },
      { allow: false, type: "b", major: 8, minor: 0, access: "w" },
    ]),
    ["strict", "/dev/block/8:0 r"],
  );
  t.same(entries([nothing, { allow: true, type: "a", access: "rwm" }]), ["auto"]);
  t.same(deviceProperties([nothing], drivers)[2]?.words[0], `${usual.length}`);
});

t.test("a new scope", async (t) => {
  const request = { id: "box", slice: "a.slice", devices: [], writes: [{ file: "pids.max", value: "5" }] };
  const annotations = { "org.systemd.property.TasksMax": "uint64 7", "org.systemd.property.After": "['a.service']", other: "5" };
  const found = scopeProperties({ ...request, annotations }, { version: 252 });
  t.same(words(found), [
    "Description s tsns container box",
    "Slice s a.slice",
    "Delegate b true",
    "DefaultDependencies b false",
    "CollectMode s inactive-or-failed",
    "CPUAccounting b true",
    "MemoryAccounting b true",
    "TasksAccounting b true",
    "IOAccounting b true",
    "TasksMax t 5",
    "TasksMax t 7",
    "After as 1 a.service",
  ]);
  t.same(propertyWords(found.slice(0, 2)), ["2", "Description", "s", "tsns container box", "Slice", "s", "a.slice"]);
  const legacy = words(scopeProperties({ ...request, annotations: {} }, { version: 252, drivers }));
  t.ok(legacy.includes("BlockIOAccounting b true") && legacy.some((line) => line.startsWith("DevicePolicy s ")));
});
