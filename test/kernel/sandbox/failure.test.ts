// The error that the native helper's answer becomes.
import t from "tap";
import { errorOfFailure } from "../../../src/kernel/sandbox/failure.ts";
import { parseReport } from "../../../src/kernel/sandbox/report.ts";

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
    ["error 9 seccomp seccomp EINVAL filter", 125, "no-seccomp"],
    ["error 9 apparmor apparmor ENOENT walled", 125, "no-apparmor-profile"],
    ["error 9 clone clone3 ECHILD ended by signal 31", 125, "start-refused"],
    ["error 9 clone clone3 ECHILD ended by signal 9", 125, "kernel-echild"],
    ["error 9 chdir chdir ENOTDIR /etc/passwd", 125, "bad-workdir"],
    ["error 9 idmap-bind mount_setattr EINVAL /layers/a", 125, "no-id-map"],
    ["error 9 mkdir-at mkdirat ENOTDIR /etc/passwd", 125, "mount-failed"],
    ["error 9 mount mount EPERM overlay", 125, "kernel-eperm"],
    ["error 9 rlimit setrlimit EPERM 7", 125, "limit-unreachable"],
    ["error 9 oom-score-adj write EACCES /proc/self/oom_score_adj", 125, "limit-unreachable"],
    ["error 9 sysctl write ENOENT net.nosuch", 125, "bad-sysctl"],
    ["error 9 write write ERANGE /proc/self/timens_offsets", 125, "bad-time-offset"],
  ];
  for (const [text, exitCode, code] of cases) {
    const report = parseReport(text);
    if (report?.outcome !== "failed") throw new Error(text);
    t.match(errorOfFailure(report), { exitCode, code }, text);
    const isUsers = [
      "no-seccomp",
      "no-apparmor-profile",
      "start-refused",
      "no-such-user",
      "no-such-group",
      "bad-workdir",
      "limit-unreachable",
      "bad-sysctl",
      "bad-time-offset",
    ].includes(code);
    t.match(errorOfFailure(report, "exec"), { exitCode: isUsers ? 126 : exitCode, code }, `exec: ${text}`);
  }
});

t.test("a missing path and a missing name read differently", async (t) => {
  const message = (detail: string) => {
    const report = parseReport(`error 1 exec execve ENOENT ${detail}`);
    return report?.outcome === "failed" ? errorOfFailure(report).message : "";
  };
  t.equal(message("foo"), 'exec: "foo": executable file not found in $PATH');
  t.equal(message("/foo"), 'exec: "/foo": no such file or directory');
});

t.test("limits, settings and offsets are told in the words of their options", async (t) => {
  const message = (text: string) => {
    const report = parseReport(`error 1 ${text}`);
    return report?.outcome === "failed" ? errorOfFailure(report).message : "";
  };
  t.match(message("rlimit setrlimit EPERM 7"), /^--ulimit nofile: the host refuses to raise it: /);
  t.match(message("rlimit setrlimit EPERM 99"), /^--ulimit 99: /);
  t.match(message("sysctl write EINVAL kernel.msgmax"), /^--sysctl kernel\.msgmax: /);
  t.match(message("write write ERANGE /proc/self/timens_offsets"), /^--time private: /);
  t.match(message("write write EACCES /proc/self/other"), /^cannot start the container: write/);
});
