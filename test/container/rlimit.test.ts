// docker's --ulimit, and what the kernel tells of limits.
import { readFileSync } from "node:fs";
import t from "tap";
import { joinRlimits, parseHardLimits, parseRlimit, renderRlimit, rlimitNumbers, rlimitTitles } from "../../src/container/rlimit.ts";

t.test("one number or two, -1 is no limit", async (t) => {
  t.same(parseRlimit("nofile=1024:2048"), { name: "nofile", soft: 1024, hard: 2048 });
  t.same(parseRlimit("core=0"), { name: "core", soft: 0, hard: 0 });
  t.same(parseRlimit("memlock=-1"), { name: "memlock", soft: -1, hard: -1 });
  t.same(parseRlimit("stack=5:-1"), { name: "stack", soft: 5, hard: -1 });
  t.equal(renderRlimit(-1), `${2n ** 64n - 1n}`);
  t.equal(renderRlimit(5), "5");
});

t.test("docker's words for what is wrong", async (t) => {
  const cases: [string, string][] = [
    ["nofile", "invalid ulimit argument: nofile"],
    ["=1", "invalid ulimit argument: =1"],
    ["nofile=x", "invalid ulimit argument: nofile=x"],
    ["nofile=", "invalid ulimit argument: nofile="],
    ["nofile=-2", "invalid ulimit argument: nofile=-2"],
    ["nofile=1.5", "invalid ulimit argument: nofile=1.5"],
    ["as=1", "invalid ulimit type: as"],
    ["__proto__=1", "invalid ulimit type: __proto__"],
    ["nofile=1:2:3", "too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`"],
    ["nofile=2:1", "ulimit soft limit must be less than or equal to hard limit: 2 > 1"],
    ["nofile=-1:1", "ulimit soft limit must be less than or equal to hard limit: -1 > 1"],
  ];
  for (const [text, message] of cases) t.throws(() => parseRlimit(text), { kind: "invalid", message }, text);
});

t.test("the later of a name holds, in the place of the first", async (t) => {
  const limits = ["nofile=1", "core=2", "nofile=3"].map(parseRlimit);
  t.same(
    joinRlimits(limits).map(({ name, soft }) => [name, soft]),
    [
      ["nofile", 3],
      ["core", 2],
    ],
  );
});

t.test("every name has a line in this kernel's /proc/PID/limits, in the order of its numbers", async (t) => {
  const text = readFileSync("/proc/self/limits", "utf8");
  const hard = parseHardLimits(text);
  t.same([...hard.keys()].sort(), Object.keys(rlimitNumbers).sort());
  for (const value of hard.values()) t.ok(value === -1 || value >= 0);
  // fs/proc/base.c prints them by number; RLIMIT_AS, 9, is none of docker's names
  const titles = text
    .split("\n")
    .slice(1, 17)
    .map((line) => line.slice(0, 25).trim());
  for (const [name, number] of Object.entries(rlimitNumbers)) t.equal(titles[number], rlimitTitles[name], name);
  t.equal(parseHardLimits("Max open files            1024                 4096                 files\n").get("nofile"), 4096);
});
