// Limits of the command line to a ResourceSpec.
import t from "tap";
import { Problems } from "../../../cmds/option/problem.ts";
import { parseResources, parseResourceUpdate, resourceOptions, updateResourceOptions } from "../../../cmds/option/resource.ts";
import { parseOptions } from "../../../cmds/parse.ts";

function parse(...words: string[]) {
  const { values, problems: wrong } = parseOptions(resourceOptions, words, true);
  t.same(wrong, []);
  const problems = new Problems();
  const resources = parseResources(problems, values as Parameters<typeof parseResources>[1], false);
  problems.throwIfAny();
  return resources;
}

t.test("limits", async (t) => {
  const cases: [string[], object][] = [
    [[], {}],
    [["-m", "64m"], { memoryBytes: 64 << 20 }],
    [["--memory=1g", "--memory-swap=-1"], { memoryBytes: 1 << 30, memorySwapBytes: -1 }],
    [["--memory=1g", "--memory-swap=2g", "--memory-reservation=512m"], { memorySwapBytes: 2 ** 31, memoryReservationBytes: 512 << 20 }],
    [["--cpus", "0.5"], { nanoCpus: 5e8, cpuPeriodMicros: 100_000, cpuQuotaMicros: 50_000 }],
    [["--memory-swappiness=0", "--oom-kill-disable"], { memorySwappiness: 0, oomKillDisable: true }],
    [["--cpu-rt-period=1000", "--cpu-rt-runtime=500"], { cpuRealtimePeriodMicros: 1000, cpuRealtimeRuntimeMicros: 500 }],
    [
      ["--blkio-weight=10", "--blkio-weight-device=/dev/a:1000"],
      { blkioWeight: 10, blkioWeightDevices: [{ device: "/dev/a", weight: 1000 }] },
    ],
    [["--device-read-bps=/dev/a:1mb", "--device-write-iops=/dev/a:5"], { io: [{ device: "/dev/a", readBps: 1 << 20, writeIops: 5 }] }],
    [
      ["--device-cgroup-rule=a *:* m"],
      {
        deviceRules: [
          { type: "c", access: "m" },
          { type: "b", access: "m" },
        ],
      },
    ],
    [["--cpu-period=50000", "--cpu-quota=-1"], { cpuPeriodMicros: 50_000, cpuQuotaMicros: -1 }],
    [["-c", "512"], { cpuShares: 512 }],
    [["--cpuset-cpus=0", "--cpuset-mems=0-0"], { cpusetCpus: "0", cpusetMems: "0-0" }],
    [["--pids-limit=-1"], { pidsLimit: -1 }],
  ];
  for (const [words, expected] of cases) t.match(parse(...words), { devices: "default", ...expected }, words.join(" "));
});

t.test("zero is no limit", async (t) => {
  const words = ["--memory=0", "--memory-swap=0", "--cpu-shares=0", "--cpu-quota=0", "--cpu-period=0", "--cpus=0", "--pids-limit=0"];
  t.same(parse(...words), { devices: "default" });
});

t.test("privileged has all devices", async (t) => {
  t.same(parseResources(new Problems(), {} as Parameters<typeof parseResources>[1], true), { devices: "all" });
});

t.test("all that is wrong", async (t) => {
  const wrong = (words: string[], message: RegExp) => t.throws(() => parse(...words), { message }, words.join(" "));
  wrong(["--memory=x", "--cpus=y", "--memory-swap=z"], /memory.*\n.*memory-swap.*\n.*cpus/);
  wrong(["--memory=1k"], /minimum is 6 MB/);
  wrong(["--memory-swap=1g"], /needs a memory limit/);
  wrong(["--memory=1g", "--memory-swap=512m"], /below the memory limit/);
  wrong(["--cpus=1", "--cpu-quota=5000"], /conflicting/);
  wrong(["--cpus=100000"], /number of CPUs/);
  wrong(["--cpu-shares=1"], /CPU shares/);
  wrong(["--cpuset-cpus=1-"], /cpuset-cpus/);
  wrong(["--pids-limit=-5"], /pids limit/);
  wrong(["--memory-swappiness=-2"], /invalid value: -2\. Valid memory swappiness range is 0-100/);
  wrong(["--blkio-weight=1001"], /10 to 1000/);
  wrong(["--cpu-rt-runtime=1000001"], /cannot be higher than cpu real-time period/);
  wrong(["--cpu-rt-period=-1"], /real-time period -1/);
  wrong(["--kernel-memory=1m"], /--kernel-memory/);
  wrong(["--device-write-bps=/dev/a:0"], /--device-write-bps/);
  wrong(["--device-cgroup-rule=c 1:3 rr"], /invalid device cgroup format 'c 1:3 rr'/);
});

t.test("update reads what was given and nothing else", async (t) => {
  const update = (...words: string[]) => {
    const { values, problems: wrong } = parseOptions(updateResourceOptions, words, true);
    t.same(wrong, []);
    const problems = new Problems();
    const changed = parseResourceUpdate(problems, values as Parameters<typeof parseResourceUpdate>[1]);
    problems.throwIfAny();
    return changed;
  };
  t.strictSame(update(), {});
  t.strictSame(update("--memory=64m", "--cpu-shares=0", "--blkio-weight=20"), { memoryBytes: 64 << 20, blkioWeight: 20 });
  t.strictSame(update("--memory-swap=-1", "--kernel-memory=0"), { memorySwapBytes: -1 });
  t.throws(() => update("--kernel-memory=5m", "--memory=x"), { message: /--memory.*\n.*--kernel-memory|--kernel-memory.*\n.*--memory/ });
});
