// The early join must change nothing: tsns stays in every cgroup it was in.
import { readFileSync } from "node:fs";
import t from "tap";
import { readCgroupLayout } from "../../src/kernel/cgroup/layout.ts";
import { parseLegacyPath, primeJoin } from "../../src/kernel/cgroup/prime.ts";

t.test("joins the group it is in", async (t) => {
  const before = readFileSync("/proc/self/cgroup", "utf8");
  const layout = readCgroupLayout();
  const joined = await new Promise<boolean>((resolve) => primeJoin(layout, resolve));
  t.equal(joined, layout.mode !== "v2");
  t.equal(readFileSync("/proc/self/cgroup", "utf8"), before);
});

t.test("v2 needs none", async (t) => {
  const layout = {
    mode: "v2",
    controllers: {},
    unified: "/sys/fs/cgroup",
    available: [],
    enabled: [],
    swapAccounting: false,
    unused: [],
  } as const;
  t.equal(await new Promise<boolean>((resolve) => primeJoin(layout, resolve)), false);
});

t.test("paths", async (t) => {
  const text = "9:name=systemd:/\n3:cpu,cpuacct:/a:b\n2:freezer:/\n0::/x\n";
  t.equal(parseLegacyPath(text, "cpuacct"), "/a:b");
  t.equal(parseLegacyPath(text, "freezer"), "/");
  t.equal(parseLegacyPath(text, "memory"), undefined);
});
