// Limits of the command line to a ResourceSpec.
import t from "tap";
import { Problems } from "../../../cmds/option/problem.ts";
import { parseResources, resourceOptions } from "../../../cmds/option/resource.ts";
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
    [["--cpus", "0.5"], { cpuPeriodMicros: 100_000, cpuQuotaMicros: 50_000 }],
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
});
