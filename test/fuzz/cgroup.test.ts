// Parsers of cgroup texts against anything: they never throw but where they say so, and never invent.
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseCpuList } from "../../src/cgroup/cpuset.ts";
import { parseControllers, parseLayout } from "../../src/cgroup/state.ts";
import { readOomKills } from "../../src/cgroup/usage.ts";
import { openGroupFiles } from "../../src/kernel/cgroup/counter.ts";
import { parseMountInfo, unescapeOctal } from "../../src/mount/state.ts";
import { recorded } from "../cgroup/fixture.ts";

/** Real texts with something cut out or put in, and plain noise. */
function damaged(text: string): fc.Arbitrary<string> {
  const cut = fc
    .tuple(fc.nat(text.length), fc.nat(40), fc.string({ unit: "binary", maxLength: 12 }))
    .map(([at, length, noise]) => text.slice(0, at) + noise + text.slice(at + length));
  return fc.oneof(cut, fc.string({ unit: "binary", maxLength: 200 }));
}

t.test("layouts", async (t) => {
  fc.assert(
    fc.property(damaged(recorded("hybrid", "mountinfo")), damaged(recorded("hybrid", "proc-cgroups")), (mountinfo, cgroups) => {
      for (const state of parseControllers(cgroups)) if (!Number.isSafeInteger(state.hierarchy)) throw new Error("no number");
      try {
        const layout = parseLayout({ mountinfo, cgroups });
        return layout.mode !== "v2" || layout.unified !== undefined;
      } catch (error) {
        return error instanceof TsnsError && error.code === "no-cgroups";
      }
    }),
  );
  t.pass();
});

t.test("mounts survive the kernel's escapes", async (t) => {
  const mangle = (path: string) => path.replace(/[ \t\n\\#]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, "0")}`);
  const path = fc.array(fc.constantFrom(..."ab/ \t\n\\#0é-"), { maxLength: 20 }).map((letters) => `/${letters.join("")}`);
  fc.assert(
    fc.property(path, path, (root, target) => {
      const [mount, ...rest] = parseMountInfo(`1 0 0:1 ${mangle(root)} ${mangle(target)} rw shared:1 - tmpfs none rw\n`);
      return rest.length === 0 && mount?.root === root && mount.target === target && unescapeOctal(mangle(root)) === root;
    }),
  );
  t.pass();
});

const common = ["memory.stat", "cpu.stat", "pids.current", "pids.max"];
const v1Files = [
  ...common,
  "memory.usage_in_bytes",
  "memory.limit_in_bytes",
  "memory.oom_control",
  "cpuacct.usage",
  "blkio.throttle.io_service_bytes_recursive",
];
const v2Files = [...common, "memory.current", "memory.max", "memory.events", "io.stat"];

t.test("counters are numbers, whatever the files say", async (t) => {
  const directory = t.testdir();
  const all = { v1: [...v1Files], v2: [...v2Files] };
  for (const version of ["v1", "v2"] as const) {
    const texts = fc.tuple(...all[version].map((file) => damaged(recorded(version, file))));
    fc.assert(
      fc.property(texts, (contents) => {
        for (const [at, file] of all[version].entries()) writeFileSync(`${directory}/${file}`, contents[at] ?? "");
        const group =
          version === "v2"
            ? { unified: directory }
            : { memory: directory, cpu: directory, cpuacct: directory, pids: directory, blkio: directory };
        const files = openGroupFiles(group, { left: 4 });
        try {
          const { pressure, ...counters } = files.readCounters();
          const values = [files.readCpuNanos() ?? 0, ...Object.values(counters), ...Object.values(pressure ?? {})];
          const { memoryBytes, pids } = files.readLimits();
          return [...values, memoryBytes].every((value) => value >= 0) && Number.isFinite(pids);
        } finally {
          files.close();
        }
      }),
      { numRuns: 15 },
    );
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => readOomKills(text, "v1") === readOomKills(text, "v2")));
  t.pass();
});

t.test("CPU lists", async (t) => {
  const ranges = fc.array(fc.tuple(fc.nat(8186), fc.nat(5)), { maxLength: 20 });
  fc.assert(
    fc.property(ranges, (list) => {
      const text = list.map(([first, more]) => (more === 0 ? `${first}` : `${first}-${first + more}`)).join(",");
      const all = new Set(list.flatMap(([first, more]) => Array.from({ length: more + 1 }, (_, at) => first + at)));
      return JSON.stringify(parseCpuList(text)) === JSON.stringify([...all].sort((a, b) => a - b));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(..."0189-, x"), { maxLength: 14 }), (letters) => {
      const parsed = parseCpuList(letters.join(""));
      return parsed === undefined || parsed.every((number) => number >= 0 && number < 8192);
    }),
  );
  t.pass();
});
