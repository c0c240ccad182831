// The native helper's answer.
import t from "tap";
import { parseReport } from "../../../src/kernel/sandbox/report.ts";

t.test("started, with what went on without", async (t) => {
  t.same(parseReport("warning 3 oom-score-adj write EACCES /proc/self/oom_score_adj is closed\nstarted 812 99001\n"), {
    outcome: "started",
    pid: 812,
    startTime: 99_001,
    warnings: [{ operation: "oom-score-adj", errno: "EACCES", detail: "/proc/self/oom_score_adj is closed" }],
  });
});

t.test("failed", async (t) => {
  t.same(parseReport("error 12 mount-at mount ENODEV cgroup on /sys/fs/cgroup\n"), {
    outcome: "failed",
    index: 12,
    operation: "mount-at",
    syscall: "mount",
    errno: "ENODEV",
    detail: "cgroup on /sys/fs/cgroup",
  });
});

t.test("no answer", async (t) => {
  for (const text of ["", "\n", "warning 1 a b c d\n", "started\n", "started 8", "started x y\n", "starte"])
    t.equal(parseReport(text), undefined, JSON.stringify(text));
});
