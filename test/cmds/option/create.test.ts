// Options of run and create to a request, with docker's meaning.
import t from "tap";
import type { Context } from "../../../cmds/command.ts";
import { environment } from "../../../cmds/option/create/process.ts";
import { type CreateValues, createOptions, parseCreate } from "../../../cmds/option/create.ts";
import { parseOptions } from "../../../cmds/parse.ts";
import type { CreateRequest } from "../../../src/container/request.ts";

// What parseCreate reads of a context.
const context = { cwd: "/work", env: { SET: "1", EMPTY: "" } } as unknown as Context;

function parse(...words: string[]): CreateRequest {
  const { values, args, problems } = parseOptions(createOptions, words, false);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return parseCreate(context, values as CreateValues, args, true);
}

t.test("nothing but an image", async (t) => {
  t.same(parse("img"), {
    image: "img",
    command: [],
    env: [],
    labels: {},
    tty: false,
    openStdin: false,
    attached: true,
    autoRemove: false,
    init: false,
    privileged: false,
    noNewPrivileges: false,
    readOnlyRoot: false,
    capAdd: [],
    capDrop: [],
    mounts: [],
    network: { mode: "bridge", network: "bridge" },
    attachments: [{ network: "bridge" }],
    pid: { mode: "private" },
    ipc: { mode: "private" },
    uts: { mode: "private" },
    ports: [],
    resources: { devices: "default" },
    detachKeys: "ctrl-p,ctrl-q",
    log: { maxBytes: 10 << 20, maxFiles: 5 },
  });
});

t.test("options", async (t) => {
  const cases: [string[], object][] = [
    [["-it", "img", "sh", "-c", "x"], { tty: true, openStdin: true, command: ["sh", "-c", "x"] }],
    [["-e", "A=b=c", "-e", "SET", "-e", "EMPTY", "-e", "UNSET", "img"], { env: ["A=b=c", "SET=1", "EMPTY=", "UNSET"] }],
    [["-l", "a", "-l", "b=c=d", "-l", "__proto__=x", "img"], { labels: { a: "", b: "c=d" } }],
    [["--net=none", "img"], { network: { mode: "none" } }],
    [["--network", "container:c", "img"], { network: { mode: "container", container: "c" } }],
    [["--network=own", "img"], { network: { mode: "bridge", network: "own" } }],
    [["--pid=host", "--ipc=container:c", "--uts=host", "img"], { pid: { mode: "host" }, ipc: { container: "c" }, uts: { mode: "host" } }],
    [["--userns=private", "img"], { userNamespace: { uid: 100_000, gid: 100_000, size: 65_536 } }],
    [["--userns=private:5:6", "img"], { userNamespace: { uid: 5, gid: 5, size: 6 } }],
    [["-p", "8080-8081:80-81/udp", "img"], { ports: [{ hostPort: 8080, protocol: "udp" }, { containerPort: 81 }] }],
    [["-v", "./a:/a", "--tmpfs", "/t", "img"], { mounts: [{ source: "/work/a" }, { type: "tmpfs" }] }],
    [["--security-opt=no-new-privileges", "img"], { noNewPrivileges: true }],
    [["--security-opt=no-new-privileges:false", "img"], { noNewPrivileges: false }],
    [["--log-opt", "max-size=2k", "--log-opt", "max-file=3", "img"], { log: { maxBytes: 2048, maxFiles: 3 } }],
    [["--log-opt", "max-size=-1", "img"], { log: { maxBytes: 0 } }],
    [
      ["--entrypoint", "", "-w", "/w", "-u", "1:2", "-h", "h", "img"],
      { entrypoint: "", workingDirectory: "/w", user: "1:2", hostname: "h" },
    ],
    [
      ["--ipc=shareable", "--uts=container:c", "--cgroupns=host", "img"],
      { ipc: { mode: "shareable" }, uts: { container: "c" }, cgroupNamespace: "host" },
    ],
    [["--time=private", "img"], { timeNamespace: { offsetSeconds: 0 } }],
    [["--time=private:-90s", "img"], { timeNamespace: { offsetSeconds: -90 } }],
    [["--userns=remap", "img"], { remapUser: "tsns" }],
    [["--userns=remap:who", "img"], { remapUser: "who" }],
    [["--cgroup-parent=/a//b/", "--oom-score-adj=-5", "img"], { cgroupParent: "a/b", oomScoreAdj: -5 }],
    [
      ["--device=/dev/fuse", "--ulimit=core=0", "img"],
      { devices: [{ hostPath: "/dev/fuse", access: "rwm" }], rlimits: [{ name: "core", soft: 0 }] },
    ],
    [["--sysctl=net.x=1", "--shm-size=1k", "--group-add=5", "img"], { sysctls: { "net.x": "1" }, shmSizeBytes: 1024, groupAdd: ["5"] }],
    [["--stop-signal=9", "--stop-timeout=0", "img"], { stopSignal: "9", stopTimeoutSeconds: 0 }],
    [["--rm", "--init", "--privileged", "--read-only", "img"], { autoRemove: true, init: true, privileged: true, readOnlyRoot: true }],
  ];
  for (const [words, expected] of cases) t.match(parse(...words), expected, words.join(" "));
  t.ok(Object.hasOwn(parse("-l", "__proto__=x", "img").labels, "__proto__"), "a label like any other");
});

t.test("an empty name, hostname or stop signal is none, as docker has it", async (t) => {
  const request = parse("--name=", "--hostname=", "--stop-signal=", "img");
  t.strictSame([request.name, request.hostname, request.stopSignal], [undefined, undefined, undefined]);
});

t.test("no such thing", async (t) => {
  const cases: [string[], RegExp][] = [
    [["--name=-x"], /invalid container name/],
    [["--hostname=-h"], /invalid hostname/],
    [["--network=a/b"], /--network/],
    [["--network=container:"], /invalid container format container:<name\|id>/],
    [["--network=container:c", "-P"], /port publishing and the container type network mode/],
    [["--network=container:c", "-h", "x"], /hostname and the network mode/],
    [["--uts=host", "-h", "x"], /conflicting/],
    [["--uts=container:"], /invalid UTS mode/],
    [["--cgroupns=x"], /invalid CGROUP mode/],
    [["--time=private:1h:2"], /invalid time mode/],
    [["--time=private:1.5s"], /out of range.*/],
    [["--time=private:x"], /invalid --time offset "x"/],
    [["--userns=remap:"], /invalid USER mode/],
    [["--userns=remap", "--network=host"], /conflicting options: --userns remap and --network host/],
    [["--uts=host", "--domainname=x"], /conflicting options: domainname/],
    [["--ipc=host", "--shm-size=1m"], /conflicting options: --shm-size and --ipc host/],
    [["--shm-size=1m", "--tmpfs=/dev/shm"], /conflicting options: --shm-size and a mount on \/dev\/shm/],
    [["--network=host", "--sysctl=net.x=1"], /not allowed in host network namespace/],
    [["--group-add=a,b"], /invalid group "a,b"/],
    [["--cgroup-parent=a/./b"], /--cgroup-parent: invalid path/],
    [["--pid=other"], /--pid/],
    [["--userns=private:0"], /out of range/],
    [["--userns=private:1:4294967295"], /out of range/],
    [["--userns=keep-id"], /--userns/],
    [["--cap-add=NOPE"], /NOPE/],
    [["--security-opt=selinux=x"], /invalid --security-opt 2: "selinux=x"/],
    [["--log-opt=max-size=x"], /--log-opt/],
    [["--log-opt=max-file=0"], /--log-opt/],
    [["--stop-signal=NOPE"], /NOPE/],
    [["-p", "x"], /cannot publish/],
    [["-v", "x"], /volume specification: 'x'/],
    [["-v", "/a:/x", "--tmpfs", "/x/"], /duplicate mount point: \/x/],
    [["--memory=1"], /minimum/],
    [["-e", ""], /invalid environment variable: ""/],
    [["-e", "=x"], /invalid environment variable: "=x"/],
    [["-l", ""], /invalid label "": it has no name/],
    [["-l", "=x"], /invalid label "=x"/],
    [["--network=none", "--network=host"], /cannot attach both user-defined and non-user-defined network-modes/],
    [["--log-opt=max-size=0k"], /--log-opt/],
    [["--pids-limit=4194305"], /pids limit 4194305: .*4194304/],
    [["-v", "/a:/b:ro,rw"], /mode "ro,rw": it says the access twice/],
  ];
  for (const [words, message] of cases) t.throws(() => parse(...words, "img"), { kind: "invalid", message }, words.join(" "));
});

t.test("all of it at once", async (t) => {
  t.throws(() => parse("--name=-", "-v", "x", "--cap-drop=NOPE", "--memory=1", "--pid=x", "--userns=x", "img"), {
    exitCode: 125,
    message: /^(.+\n){5}.+$/,
  });
});

t.test("environment of exec", async (t) => {
  t.same(environment(context, undefined), []);
  t.same(environment(context, ["SET", "A="]), ["SET=1", "A="]);
  t.throws(() => environment(context, ["="]), { message: /invalid environment variable: "="/ });
});
