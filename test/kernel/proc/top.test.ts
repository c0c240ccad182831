import t from "tap";
import type { ProcessState } from "../../../src/kernel/proc/process.ts";
import { renderCpuTime, renderStart, terminalName, topRow, topTitles } from "../../../src/kernel/proc/top.ts";

const noon = new Date(2026, 10, 20, 12, 0, 0).getTime();

const shell: ProcessState = {
  pid: 42,
  comm: "sh",
  state: "S",
  parentPid: 7,
  processGroup: 42,
  session: 42,
  ttyDevice: 0x8803,
  userTicks: 500,
  systemTicks: 500,
  nice: 0,
  threads: 1,
  startTicks: 1,
  virtualBytes: 1,
  residentPages: 1,
  uid: 0,
  gid: 0,
  user: "root",
  innerPid: 1,
  args: ["sh", "-c", "sleep 1"],
  residentBytes: 1,
  startedMs: noon - 100_000,
  cpuSeconds: 10,
};

t.test("a row of ps -ef", async (t) => {
  t.strictSame(topRow(shell, noon), ["root", "42", "7", "10", "11:58", "pts/3", "00:00:10", "sh -c sleep 1"]);
  t.equal(topTitles.length, topRow(shell, noon).length);
  t.strictSame(topRow({ ...shell, user: "messagebus", args: [], cpuSeconds: 1000 }, noon).slice(0, 4), ["message+", "42", "7", "99"]);
  t.equal(topRow({ ...shell, args: [] }, noon).at(-1), "[sh]");
  t.equal(topRow({ ...shell, args: [], state: "Z" }, noon).at(-1), "[sh] <defunct>");
  t.equal(topRow({ ...shell, startedMs: noon + 10 }, noon)[3], "0", "a clock that was set back");
});

t.test("times", async (t) => {
  t.equal(renderCpuTime(3_661.9), "01:01:01");
  t.equal(renderCpuTime(86_400 * 3 + 5), "03-00:00:05");
  t.equal(renderStart(new Date(2026, 10, 19, 23, 59).getTime(), noon), "Nov19");
  t.equal(renderStart(new Date(2026, 0, 2, 3, 4).getTime(), noon), "Jan02");
  t.equal(renderStart(new Date(2025, 10, 20, 11, 0).getTime(), noon), "2025");
  t.equal(renderStart(new Date(2026, 10, 20, 3, 4).getTime(), noon), "03:04");
});

t.test("terminals", async (t) => {
  const names: readonly [number, string][] = [
    [0, "?"],
    [0x8800, "pts/0"],
    [0x88ff, "pts/255"],
    [0x8900, "pts/256"],
    [0x100000 | 0x8800, "pts/256"],
    [0x0401, "tty1"],
    [0x0440, "ttyS0"],
    [0x0501, "console"],
    [0x0203, "?"],
  ];
  for (const [device, name] of names) t.equal(terminalName(device), name);
});
