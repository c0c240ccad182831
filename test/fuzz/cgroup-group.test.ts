// Parsers of groups and their limits against anything: they never throw but where they say so, and undo their renderers.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseDeviceChoice, parseDeviceList, renderDeviceChoice } from "../../src/cgroup/device-list.ts";
import { membershipIn, parseGroupPath, parseHierarchies } from "../../src/cgroup/hierarchy.ts";
import { parseIoMax, parseThrottle, renderIoLimit } from "../../src/cgroup/io-limit.ts";
import { type LimitWord, limitWords, renderLimit } from "../../src/cgroup/limit.ts";
import { parseLimits } from "../../src/cgroup/limit-state.ts";
import { drawTree, parseGroupEvents, parseGroupUsage } from "../../src/cgroup/view.ts";
import { parseCgroupMemberships } from "../../src/namespace/cgroup-owner.ts";
import { recorded } from "../cgroup/fixture.ts";

const here = (file: string) => readFileSync(new URL(`../cgroup/fixture/hybrid-limit/${file}`, import.meta.url), "utf8");

/** Real texts with something cut out or put in, and plain noise. */
function damaged(text: string): fc.Arbitrary<string> {
  const cut = fc
    .tuple(fc.nat(text.length), fc.nat(40), fc.string({ unit: "binary", maxLength: 12 }))
    .map(([at, length, noise]) => text.slice(0, at) + noise + text.slice(at + length));
  return fc.oneof(cut, fc.string({ unit: "binary", maxLength: 200 }));
}

t.test("hierarchies and memberships", async (t) => {
  fc.assert(
    fc.property(damaged(here("mountinfo")), damaged(here("proc-cgroup")), damaged("cpu io memory\n"), (mountinfo, cgroup, controllers) => {
      const memberships = parseCgroupMemberships(cgroup);
      for (const { path } of memberships) if (!path.startsWith("/")) return false;
      return parseHierarchies(mountinfo, controllers).every((hierarchy) => {
        const path = membershipIn(hierarchy, memberships);
        return (
          (path === undefined || path.startsWith("/")) &&
          hierarchy.controllers.every((name) => !/\s/.test(name) || hierarchy.version === "v1")
        );
      });
    }),
  );
  t.pass();
});

t.test("group paths never lead out", async (t) => {
  const piece = fc.oneof(fc.constantFrom("..", ".", "", "a", "/sys/fs/cgroup", "\n"), fc.string({ unit: "binary", maxLength: 8 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      try {
        const path = parseGroupPath(pieces.join("/"), parseHierarchies(here("mountinfo")));
        return path.startsWith("/") && !/(^|\/)\.{1,2}(\/|$)|\n|\/\/|.\/$/.test(path);
      } catch (error) {
        return error instanceof TsnsError && error.code === "bad-group";
      }
    }),
  );
  t.pass();
});

t.test("limits, use and events are finite numbers, whatever the files say", async (t) => {
  const files = fc.record({
    "memory.limit_in_bytes": damaged(here("memory.limit_in_bytes")),
    "memory.memsw.limit_in_bytes": damaged(here("memory.memsw.limit_in_bytes")),
    "cpu.shares": damaged(here("cpu.shares")),
    "cpu.cfs_quota_us": damaged(here("cpu.cfs_quota_us")),
    "blkio.throttle.read_bps_device": damaged(here("blkio.throttle.read_bps_device")),
    "devices.list": damaged(here("devices.list")),
    "memory.max": damaged(recorded("v2", "memory.max")),
    "memory.swap.max": damaged("1048576\n"),
    "cpu.weight": damaged("59\n"),
    "cpu.max": damaged("50000 100000\n"),
    "io.max": damaged("254:0 rbps=1048576 wbps=max riops=max wiops=100\n"),
    "pids.max": damaged(recorded("v2", "pids.max")),
    "cpuset.cpus": damaged("0-3,5\n"),
    "memory.events": damaged(recorded("v2", "memory.events")),
    "cpu.stat": damaged(recorded("v2", "cpu.stat")),
    "io.stat": damaged(recorded("v2", "io.stat")),
    "memory.current": damaged(recorded("v2", "memory.current")),
    "memory.oom_control": damaged(recorded("v1", "memory.oom_control")),
    "pids.events": damaged(here("pids.events")),
  });
  fc.assert(
    fc.property(files, fc.constantFrom("v1" as const, "v2" as const), (record, version) => {
      const texts = new Map(Object.entries(record));
      const limits = parseLimits(version, texts);
      const numbers = [...Object.values(limits), ...Object.values(parseGroupUsage(texts)), ...Object.values(parseGroupEvents(texts))];
      for (const value of numbers) if (typeof value === "number" && !Number.isFinite(value)) return false;
      return (Object.keys(limitWords) as LimitWord[]).every((word) => !/NaN|undefined|Infinity/.test(renderLimit(word, limits) ?? ""));
    }),
  );
  t.pass();
});

t.test("I/O limits and device rules are their own inverse", async (t) => {
  const rate = fc.integer({ min: 1, max: 2 ** 40 });
  const limit = fc.record({ device: fc.tuple(fc.nat(400), fc.nat(400)).map((pair) => pair.join(":")), readBps: rate, wiops: rate });
  fc.assert(
    fc.property(limit, ({ device, readBps, wiops }) => {
      const value = { device, readBps, writeIops: wiops };
      return JSON.stringify(parseIoMax(`${renderIoLimit(value)}\n`)) === JSON.stringify([value]);
    }),
  );
  fc.assert(fc.property(damaged("8:0 100\n"), (text) => parseThrottle({ readBps: text }).every(({ readBps }) => Number.isFinite(readBps))));
  const rule = fc.tuple(fc.constantFrom("c", "b"), fc.nat(400), fc.constantFrom("*", "1"), fc.constantFrom("r", "rw", "rwm", "m"));
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
      const text = rules.map(([type, major, minor, access]) => `${type} ${major}:${minor} ${access}`).join(",");
      return renderDeviceChoice(parseDeviceChoice(text)) === text;
    }),
  );
  fc.assert(fc.property(damaged(here("devices.list")), (text) => parseDeviceList(text) === "all" || Array.isArray(parseDeviceList(text))));
  t.pass();
});

t.test("a tree has a line for each group, ending in its name", async (t) => {
  const name = fc.constantFrom("a", "b", "c");
  const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { maxLength: 12 }).map((list) => {
    const all = new Set(["/"]);
    for (const names of list) for (let depth = 1; depth <= names.length; depth++) all.add(`/${names.slice(0, depth).join("/")}`);
    return [...all].sort();
  });
  fc.assert(
    fc.property(paths, (list) => {
      const lines = drawTree(list);
      return lines.length === list.length && lines.every((line, at) => at === 0 || line.endsWith(list[at]?.split("/").at(-1) ?? "?"));
    }),
  );
  t.pass();
});
