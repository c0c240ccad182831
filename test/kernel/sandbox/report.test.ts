// The native helper's answer, and the error it becomes.
import t from "tap";
import { errorOfReport, parseReport } from "../../../src/kernel/sandbox/report.ts";

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

t.test("exit codes are docker's", async (t) => {
  const cases: [string, number, string][] = [
    ["error 9 exec execve ENOENT nothing", 127, "command-not-found"],
    ["error 9 exec execve ENOENT /bin/nothing", 127, "command-not-found"],
    ["error 9 exec execve EACCES /etc/passwd", 126, "command-denied"],
    ["error 9 exec execve EISDIR /etc", 126, "command-denied"],
    ["error 9 exec execve ENOEXEC /x", 126, "exec-format"],
    ["error 9 exec execve E2BIG x", 126, "command-failed"],
    ["error 9 user open ENOENT nobody2", 125, "no-such-user"],
    ["error 9 user passwd ENOENT nobody2", 125, "no-such-user"],
    ["error 9 user group ENOENT nogroup", 125, "no-such-group"],
    ["error 9 chdir chdir ENOTDIR /etc/passwd", 125, "bad-workdir"],
    ["error 9 idmap-bind mount_setattr EINVAL /layers/a", 125, "no-id-map"],
    ["error 9 mkdir-at mkdirat ENOTDIR /etc/passwd", 125, "mount-failed"],
    ["error 9 mount mount EPERM overlay", 125, "kernel-eperm"],
  ];
  for (const [text, exitCode, code] of cases) {
    const report = parseReport(text);
    if (report?.outcome !== "failed") throw new Error(text);
    t.match(errorOfReport(report), { exitCode, code }, text);
    const isUsers = code === "no-such-user" || code === "no-such-group" || code === "bad-workdir";
    t.match(errorOfReport(report, "exec"), { exitCode: isUsers ? 126 : exitCode, code }, `exec: ${text}`);
  }
});

t.test("a missing path and a missing name read differently", async (t) => {
  const message = (detail: string) => {
    const report = parseReport(`error 1 exec execve ENOENT ${detail}`);
    return report?.outcome === "failed" ? errorOfReport(report).message : "";
  };
  t.equal(message("foo"), 'exec: "foo": executable file not found in $PATH');
  t.equal(message("/foo"), 'exec: "/foo": no such file or directory');
});
