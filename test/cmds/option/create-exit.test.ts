// Exit codes of wrong command lines of create: 125 for what docker's client refuses, 1 for what only its engine does (docker 20.10).
import t from "tap";
import type { Context } from "../../../cmds/command.ts";
import { type CreateValues, createOptions, parseCreate } from "../../../cmds/option/create.ts";
import { parseOptions } from "../../../cmds/parse.ts";

const context = { cwd: "/work", env: {} } as unknown as Context;

const client: readonly (readonly string[])[] = [
  ["--add-host", "foo"],
  ["--add-host", "foo:999.1.1.1"],
  ["-a", "foo"],
  ["--blkio-weight", "70000"],
  ["--blkio-weight-device", "/dev/null:5"],
  ["--cgroupns", "foo"],
  ["--cpus", "foo"],
  ["--device", "nope"],
  ["--device", "/dev/null:/dev/x:q"],
  ["--device-cgroup-rule", "foo"],
  ["--device-read-bps", "x:1"],
  ["--device-read-bps", "/dev/null:-1"],
  ["--device-write-iops", "/dev/null:-1"],
  ["--device-read-iops", "/dev/null:1mb"],
  ["--dns", "foo"],
  ["--dns-search", "a b"],
  ["-e", "=x"],
  ["--env-file", "/no/such/file"],
  ["--expose", "90-80"],
  ["--health-cmd", "x", "--no-healthcheck"],
  ["--health-interval", "-1s", "--health-cmd", "x"],
  ["--health-interval", "1"],
  ["-l", "=x"],
  ["--link", "a:b:c"],
  ["--log-driver", "none", "--log-opt", "max-size=1m"],
  ["--mac-address", "foo"],
  ["-m", "foo"],
  ["--memory-swappiness", "101"],
  ["--mount", "foo"],
  ["--mount", "type=tmpfs,target=/x,foo=1"],
  ["--network", ""],
  ["--pid", "foo"],
  ["-p", "70000:80"],
  ["--restart", "always", "--rm"],
  ["--restart", "on-failure:x"],
  ["--security-opt", "foo"],
  ["--security-opt", "seccomp=/no/such/file"],
  ["--shm-size", "-1"],
  ["--storage-opt", "foo"],
  ["--sysctl", "kernel.panic=1"],
  ["--ulimit", "nofile=10:5"],
  ["--userns", "foo"],
  ["--uts", "foo"],
  ["--network", "none", "--network", "host"],
];

const engine: readonly (readonly string[])[] = [
  ["--cap-add", "foo"],
  ["--cpu-period", "5"],
  ["--cpu-quota", "5"],
  ["--cpus", "4000"],
  ["--cpus", "1", "--cpu-quota", "5000"],
  ["--cpuset-cpus", "foo"],
  ["--health-interval", "1ns", "--health-cmd", "x"],
  ["--network", "own", "--ip", "1.2.3"],
  ["--isolation", "foo"],
  ["--log-driver", "foo"],
  ["--log-opt", "foo=1"],
  ["-m", "1"],
  ["-m", "10m", "--memory-swap", "5m"],
  ["--mount", "type=foo,target=/x"],
  ["--mount", "type=bind,target=/x"],
  ["--name", "a b"],
  ["--network", "container:"],
  ["--network", "host", "--mac-address", "02:42:ac:11:00:01"],
  ["--network", "container:x", "-p", "80"],
  ["--oom-score-adj", "1001"],
  ["--platform", "x"],
  ["--restart", "foo"],
  ["--restart", "no:1"],
  ["--runtime", "foo", "--userns", "private"],
  ["--security-opt", "no-new-privileges:foo"],
  ["--stop-signal", "FOO"],
  ["--storage-opt", "foo=1"],
  ["--tmpfs", "foo"],
  ["--uts", "host", "--hostname", "x"],
  ["-v", "/x:/y:foo"],
  ["-v", "/a:/x", "-v", "/b:/x"],
  ["--volumes-from", "x:foo"],
];

function parse(words: readonly string[]) {
  const { values, args, problems } = parseOptions(createOptions, [...words, "img", "true"], false);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return parseCreate(context, values as CreateValues, args, true);
}

t.test("one problem, one line, docker's code", async (t) => {
  for (const words of client)
    t.throws(() => parse(words), { kind: "invalid", exitCode: 125, message: /^[^\n]+$/ }, `${words.join(" ")}: 125`);
  for (const words of engine) t.throws(() => parse(words), { kind: "invalid", exitCode: 1, message: /^[^\n]+$/ }, `${words.join(" ")}: 1`);
});

t.test("several: 125 as soon as the client would refuse one", async (t) => {
  t.throws(() => parse(["--cap-add", "foo", "--name", "a b"]), { exitCode: 1, message: /a b.*\n.*foo/ });
  t.throws(() => parse(["--cap-add", "foo", "--dns", "foo"]), { kind: "invalid", exitCode: 125, message: /foo/ });
});

t.test("a number of CPUs that cannot be is one problem", async (t) => {
  t.throws(() => parse(["--cpus", "0.001"]), { message: /^cpus 0.001: [^\n]+$/ });
});
