// The vocabulary of limits: parsed, rendered, read back from recorded files, and planned for both versions.
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { parseDeviceChoice, parseDeviceList, renderDeviceChoice } from "../../src/cgroup/device-list.ts";
import { parseHierarchies } from "../../src/cgroup/hierarchy.ts";
import { parseDeviceRate, parseIoMax, parseIoMaxOption, renderIoLimit } from "../../src/cgroup/io-limit.ts";
import { findLimitWord, joinLimits, type LimitSpec, parseLimit, renderLimit, wordsOf } from "../../src/cgroup/limit.ts";
import { planLimits } from "../../src/cgroup/limit-plan.ts";
import { parseLimits } from "../../src/cgroup/limit-state.ts";
import { weightOfShares } from "../../src/cgroup/plan-v2.ts";
import { sharesOfWeight } from "../../src/cgroup/shares.ts";
import type { Step } from "../../src/plan/step.ts";
import { recorded } from "./fixture.ts";

const folder = new URL("fixture/hybrid-limit/", import.meta.url);
const v1Texts = new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
const v1 = parseHierarchies(v1Texts.get("mountinfo") ?? "");
const v2 = parseHierarchies(recorded("v2", "mountinfo"), recorded("v2", "cgroup.controllers"));
const mebibyte = 1024 ** 2;

const writes = (steps: readonly { readonly step: Step }[]) =>
  steps.map(({ step }) => (step.kind === "cgroup.write" ? `${step.path.replace("/sys/fs/cgroup/", "")}=${step.value}` : step.kind));

t.test("words and values", async (t) => {
  t.strictSame(["memory", "pids", "io", "cpuset", "toString", "cpu"].map(findLimitWord), [
    "memory",
    "pids-limit",
    "io-max",
    "cpuset-cpus",
    undefined,
    undefined,
  ]);
  t.strictSame(parseLimit("memory", "1g"), { memoryBytes: 1024 * mebibyte });
  t.strictSame(parseLimit("memory", "max"), { memoryBytes: -1 });
  t.strictSame(parseLimit("cpus", "1.5"), { cpuQuotaMicros: 150_000, cpuPeriodMicros: 100_000 });
  t.strictSame(parseLimit("cpus", "max"), { cpuQuotaMicros: -1, cpuPeriodMicros: 100_000 });
  t.strictSame(parseLimit("pids-limit", "-1"), { pidsLimit: -1 });
  for (const [word, text] of [
    ["memory", "lots"],
    ["cpu-shares", "1"],
    ["cpu-shares", "max"],
    ["cpu-quota", "999"],
    ["pids-limit", "0"],
    ["cpus", "0"],
    ["devices", "x 1:2 r"],
  ] as const) {
    t.throws(() => parseLimit(word, text), { name: "TsnsError" }, `${word}=${text}`);
  }
  t.strictSame(wordsOf({ cpuQuotaMicros: 1, memoryBytes: -1, io: [] }), ["memory", "cpu-quota"]);
  t.throws(() => joinLimits([parseLimit("cpus", "2"), parseLimit("cpu-quota", "5000")]), { code: "limit-twice" });
  t.strictSame(
    joinLimits([parseLimit("memory", "1m"), { io: [{ device: "8:0", readBps: 1 }] }, { io: [{ device: "8:0", writeBps: 2 }] }]),
    {
      memoryBytes: mebibyte,
      io: [{ device: "8:0", readBps: 1, writeBps: 2 }],
    },
  );
});

t.test("what recorded files say", async (t) => {
  const limits = parseLimits("v1", v1Texts);
  t.match(limits, {
    memoryBytes: 64 * mebibyte,
    memorySwapBytes: 128 * mebibyte,
    memoryReservationBytes: 32 * mebibyte,
    cpuShares: 512,
    cpuQuotaMicros: 50_000,
    cpusetCpus: "0",
    pidsLimit: 20,
    io: [{ device: "254:0", readBps: mebibyte, writeIops: 100 }],
  });
  t.equal(renderLimit("cpus", limits), "0.5");
  t.equal(renderLimit("devices", limits), "default");
  t.equal(renderLimit("memory", limits), "64MiB");
  t.equal(renderLimit("memory", limits, true), `${64 * mebibyte}`);
  const none = parseLimits(
    "v1",
    new Map([
      ["memory.limit_in_bytes", "9223372036854771712\n"],
      ["cpu.cfs_quota_us", "-1\n"],
    ]),
  );
  t.strictSame(none, { memoryBytes: -1, cpuQuotaMicros: -1 });
  const unified = new Map([
    ["memory.max", recorded("v2", "memory.max")],
    ["memory.swap.max", "1048576\n"],
    ["pids.max", recorded("v2", "pids.max")],
    ["cpu.weight", "59\n"],
    ["cpu.max", "50000 100000\n"],
    ["io.max", "254:0 rbps=1048576 wbps=max riops=max wiops=100\n"],
  ]);
  const v2Folder = new URL("fixture/v2-limit/", import.meta.url);
  const v2Texts = new Map(readdirSync(v2Folder).map((name) => [name, readFileSync(new URL(name, v2Folder), "utf8")]));
  // The same limits, recorded on v2: the swap limit by itself, shares as a weight, no file of devices.
  t.strictSame(parseLimits("v2", v2Texts), {
    memoryBytes: 64 * mebibyte,
    memorySwapBytes: 128 * mebibyte,
    memoryReservationBytes: -1,
    cpuShares: 512,
    cpuQuotaMicros: 50_000,
    cpuPeriodMicros: 100_000,
    io: [],
    cpusetCpus: "0",
    pidsLimit: 20,
  });
  t.strictSame(parseLimits("v2", unified), {
    memoryBytes: 16 * mebibyte,
    memorySwapBytes: 17 * mebibyte,
    cpuShares: 512,
    cpuQuotaMicros: 50_000,
    cpuPeriodMicros: 100_000,
    io: [{ device: "254:0", readBps: mebibyte, writeIops: 100 }],
    pidsLimit: 64,
  });
});

t.test("weight and shares: each weight has shares that give it back", async (t) => {
  for (let weight = 1; weight <= 10_000; weight++) if (weightOfShares(sharesOfWeight(weight)) !== weight) t.fail(`${weight}`);
  t.strictSame([1, 59, 100, 10_000].map(sharesOfWeight), [2, 512, 1024, 262_144]);
});

t.test("new limits on both versions", async (t) => {
  const limits: LimitSpec = {
    memoryBytes: 64 * mebibyte,
    memorySwapBytes: 96 * mebibyte,
    cpuShares: 512,
    cpuQuotaMicros: 50_000,
    pidsLimit: -1,
    io: [{ device: "8:0", readBps: 1000, writeIops: -1 }],
  };
  t.strictSame(writes(planLimits(v1, "/g", limits, new Map())), [
    "memory/g/memory.limit_in_bytes=67108864",
    "memory/g/memory.memsw.limit_in_bytes=100663296",
    "cpu/g/cpu.shares=512",
    "cpu/g/cpu.cfs_quota_us=50000",
    "pids/g/pids.max=max",
    "blkio/g/blkio.throttle.read_bps_device=8:0 1000",
    "blkio/g/blkio.throttle.write_iops_device=8:0 0",
  ]);
  t.strictSame(writes(planLimits(v2, "/g", limits, new Map())), [
    "g/memory.max=67108864",
    "g/memory.swap.max=33554432",
    "g/cpu.weight=59",
    "g/cpu.max=50000 100000",
    "g/pids.max=max",
    "g/io.max=8:0 rbps=1000 wiops=max",
  ]);
});

t.test("changes know the way back and the order the kernel takes", async (t) => {
  const raise = planLimits(v1, "/g", { memoryBytes: 256 * mebibyte, memorySwapBytes: 512 * mebibyte }, v1Texts);
  t.strictSame(writes(raise), ["memory/g/memory.memsw.limit_in_bytes=536870912", "memory/g/memory.limit_in_bytes=268435456"]);
  t.strictSame(
    raise.map(({ undo }) => (undo?.kind === "cgroup.write" ? undo.value : undefined)),
    ["134217728", "67108864"],
  );
  const lower = planLimits(v1, "/g", { memoryBytes: mebibyte, memorySwapBytes: 2 * mebibyte }, v1Texts);
  t.strictSame(writes(lower)[0], "memory/g/memory.limit_in_bytes=1048576");
  t.throws(() => planLimits(v1, "/g", { memoryBytes: 256 * mebibyte }, v1Texts), { code: "memory-above-swap" });
  // v2 limits swap by itself: 128 MiB together stay 128 MiB when memory goes from 64 to 96
  const v2Texts = new Map([
    ["memory.max", `${64 * mebibyte}\n`],
    ["memory.swap.max", `${64 * mebibyte}\n`],
  ]);
  const written = planLimits(v2, "/g", { memoryBytes: 96 * mebibyte }, v2Texts).map(({ step }) => "value" in step && step.value);
  t.strictSame(written, [`${96 * mebibyte}`, `${32 * mebibyte}`]);
  t.throws(() => planLimits(v2, "/g", { memoryBytes: 256 * mebibyte }, v2Texts), { code: "memory-above-swap" });
  t.throws(() => planLimits(v2, "/g", { memoryBytes: -1 }, v2Texts), { code: "memory-above-swap" });
  t.throws(() => planLimits(v1, "/g", { memorySwapBytes: mebibyte }, v1Texts), { code: "swap-below-memory" });
  t.throws(() => planLimits(v2, "/g", { memorySwapBytes: mebibyte }, new Map()), { code: "swap-without-memory" });
  const period = planLimits(v2, "/g", { cpuPeriodMicros: 20_000 }, new Map([["cpu.max", "5000 10000\n"]]));
  t.match(period, [{ step: { value: "5000 20000" }, undo: { value: "5000 10000" } }]);
});

t.test("devices", async (t) => {
  const steps = planLimits(v1, "/g", { devices: parseDeviceChoice("c 1:3 rwm") }, v1Texts);
  t.strictSame(writes(steps), ["devices/g/devices.deny=a", "devices/g/devices.allow=c 1:3 rwm"]);
  // Undone last first: everything denied again, then allowed what was.
  t.strictSame(
    steps.map(({ undo }) => (undo?.kind === "cgroup.write" ? [undo.path.split("/").at(-1), undo.value.split("\n").length] : [])),
    [
      ["devices.allow", 12],
      ["devices.deny", 1],
    ],
  );
  t.strictSame(writes(planLimits(v1, "/g", { devices: "all" }, v1Texts)), ["devices/g/devices.allow=a"]);
  t.match(planLimits(v2, "/g", { devices: [] }, new Map()), [{ step: { kind: "cgroup.device-filter", programHex: /^61/ } }]);
  t.match(planLimits(v2, "/g", { devices: "all" }, new Map()), [{ step: { programHex: "" } }]);
  for (const text of ["all", "none", "default", "c 1:3 rwm,b 8:* r"]) t.equal(renderDeviceChoice(parseDeviceChoice(text)), text);
  t.equal(parseDeviceList("a *:* rwm\n"), "all");
  t.equal(renderDeviceChoice(parseDeviceChoice("a 1:3 mr")), "c 1:3 rm,b 1:3 rm");
});

t.test("block I/O", async (t) => {
  t.strictSame(parseDeviceRate("readBps", "/dev/sda:1mb", "x"), { device: "/dev/sda", readBps: mebibyte });
  t.strictSame(parseDeviceRate("writeIops", "8:0:100", "x"), { device: "8:0", writeIops: 100 });
  t.strictSame(parseIoMaxOption("8:0 rbps=1m wiops=max"), { device: "8:0", readBps: mebibyte, writeIops: -1 });
  for (const text of ["8:0", "sda rbps=1", "8:0 rbps=0", "8:0 what=1"])
    t.throws(() => parseIoMaxOption(text), { code: "bad-io-limit" }, text);
  for (const text of ["/dev/sda", "sda:1m", "8:0:0", ":1m"])
    t.throws(() => parseDeviceRate("readBps", text, "x"), { name: "TsnsError" }, text);
  const line = "8:16 rbps=2097152 wiops=120";
  t.strictSame(parseIoMax(`${line}\n`).map(renderIoLimit), [line]);
});

t.test("real-time CPU and weights of block I/O", async (t) => {
  t.same(parseLimit("cpu-rt-period", "1000"), { cpuRealtimePeriodMicros: 1000 });
  t.same(parseLimit("cpu-rt-runtime", "0"), { cpuRealtimeRuntimeMicros: 0 });
  t.same(parseLimit("blkio-weight", "300"), { blkioWeight: 300 });
  t.throws(() => parseLimit("blkio-weight", "5"), { kind: "invalid", message: 'invalid blkio-weight "5"' });
  t.equal(renderLimit("blkio-weight", { blkioWeight: 300 }), "300");
  t.equal(renderLimit("cpu-rt-runtime", { cpuRealtimeRuntimeMicros: 0 }), "0");
});
