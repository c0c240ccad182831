// run --runtime: other OCI runtimes make the container, and it is the same one: what is inside, its life, its limits, network, log and end.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { image, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot } from "../fixture/data-root.ts";
import { ociProgram } from "../fixture/oci-bundle.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

// crun 1.8 refuses hosts with controllers of v1 that have not all of them
const runtimes = ["runc", ...(existsSync("/sys/fs/cgroup/cgroup.controllers") ? ["crun"] : []), ociProgram];
const named = (runtime: string): string => basename(runtime);
const scenario = sharingRoot();

const idOf = (root: DataRoot, name: string) => root.ok(["inspect", "-f", "{{.Id}}", name]);

/** What is left of a container on the host beside its record. */
function leftOf(root: DataRoot, id: string): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(id));
  const groups = [".", ...readdirSync("/sys/fs/cgroup")].flatMap((name) => {
    const path = `/sys/fs/cgroup/${name}/tsns-${id}`;
    return existsSync(path) ? [path] : [];
  });
  const state = `${root.path}/containers/${id}/runtime`;
  return [...mounts, ...groups, ...(existsSync(state) ? [state] : [])];
}

/** Options, and a script whose output has to be that of a container which tsns makes itself. */
const alike: Readonly<Record<string, readonly [script: string, ...options: string[]]>> = {
  user: ["id; echo $HOME; pwd", "-u", "1000:1001", "--group-add", "55"],
  "the image's user": ["id; echo $HOME", "-u", "daemon"],
  environment: ["env | sort; pwd; hostname", "-e", "A=b", "-e", "HOME=", "-w", "/made"],
  rights: ["grep -E 'Cap|Seccomp|NoNewPrivs|Groups|Uid|Gid|Umask|SigBlk' /proc/self/status"],
  "fewer rights": [
    "grep -E 'Cap|NoNew' /proc/self/status",
    "--cap-drop",
    "ALL",
    "--cap-add",
    "CHOWN",
    "--security-opt",
    "no-new-privileges",
  ],
  "no filter": ["grep Seccomp: /proc/self/status", "--security-opt", "seccomp=unconfined"],
  "read-only root": ["touch /x; touch /t/x && df /t | tail -1 | tr -s ' ' | cut -d' ' -f2", "--read-only", "--tmpfs", "/t:size=1m"],
  "lo alone": ["ip addr show lo; ip route"],
  "the host's network": ["ip -o link show lo", "--network", "host"],
  "kernel settings": [
    "cat /proc/sys/net/ipv4/ip_forward; ulimit -n; ulimit -Hn",
    "--sysctl",
    "net.ipv4.ip_forward=1",
    "--ulimit",
    "nofile=100:200",
  ],
  "memory and OOM": [
    "cat /proc/self/oom_score_adj; df /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2",
    "--shm-size",
    "1m",
    "--oom-score-adj",
    "300",
  ],
  names: ["cat /proc/sys/kernel/domainname; grep other /etc/hosts", "--domainname", "sub.domain", "--add-host", "other:10.1.2.3"],
  device: ["ls -l /dev/other | tr -s ' ' | cut -d' ' -f1,5,6", "--device", "/dev/full:/dev/other:r"],
  "what is masked": ["wc -c < /proc/kcore; ls /proc/acpi /sys/firmware | wc -l; touch /proc/sys/kernel/hostname"],
  "process 1 of its own": ["(sleep 0 &); echo $PPID; cat /proc/1/comm; exit 9", "--init"],
  "end by a signal": ["kill -9 $$"],
  "end by a signal below process 1": ["kill -9 $$", "--init"],
  status: ["exit 7"],
};

for (const runtime of runtimes) {
  scenario(`${named(runtime)}: what is inside is the same`, async (t, root) => {
    for (const [what, [script, ...options]] of Object.entries(alike)) {
      const network = options.includes("--network") ? [] : ["--network", "none"];
      const words = ["--hostname", "box", ...network, ...options, image, "sh", "-c", script];
      const [wanted, got] = [await root.tsns(["run", "--rm", ...words]), await root.tsns(["run", "--rm", "--runtime", runtime, ...words])];
      t.same([got.code, got.stdout], [wanted.code, wanted.stdout], `${what} ${got.stderr}`);
    }
  });

  scenario(`${named(runtime)}: its life, limits, ports, log and health are those of any container`, async (t, root) => {
    const name = `life-${named(runtime)}`;
    const script = "trap 'exit 3' TERM; echo begun; mkdir -p /w; echo page > /w/index.html; httpd -p 80 -h /w; while :; do sleep 0.1; done";
    await root.ok(
      ["run", "-d", "--name", name, "--runtime", runtime, "-p", "127.0.0.1::80", "--memory", "64m", "--pids-limit", "50"].concat(
        ["-v", `${root.path}/shared:/shared`, "--health-cmd", "test -e /shared/well", "--health-interval", "100ms"],
        [image, "sh", "-c", script],
      ),
    );
    const id = await idOf(root, name);
    const state = (format: string) => root.ok(["inspect", "-f", `{{${format}}}`, name]);
    t.equal(await state(".HostConfig.Runtime"), runtime);
    t.match(readFileSync(`/proc/${await pidOf(root, name)}/cgroup`, "utf8"), new RegExp(`tsns-${id}`));
    await untilLogged(root, name, /begun/);
    const address = await root.ok(["port", name, "80"]);
    const page = () => fetch(`http://${address}/`).then((answer) => answer.text());
    // nobody listens yet when the log has begun
    await waitFor("the page", async () => (await page().catch(() => undefined)) === "page\n");
    t.equal(await root.ok(["exec", name, "sh", "-c", "ulimit -c >/dev/null; echo $$ > /shared/well; hostname"]), id.slice(0, 12));
    await waitFor("its health", async () => (await state(".State.Health.Status")) === "healthy");
    t.match(await root.ok(["stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}}", name]), /\/ 64MiB [1-9]/);
    await root.ok(["pause", name]);
    t.equal(await state(".State.Status"), "paused");
    await root.ok(["unpause", name]);
    await root.ok(["update", "--memory", "48m", "--memory-swap", "48m", name]);
    t.match(await root.ok(["stats", "--no-stream", "--format", "{{.MemUsage}}", name]), /\/ 48MiB/);
    await root.ok(["restart", name]);
    await untilLogged(root, name, /begun\nbegun/);
    await root.ok(["stop", name]);
    t.equal(await state(".State.ExitCode"), "3");
    t.same(leftOf(root, id), [], "nothing of the run is left");
    await root.ok(["rm", name]);
    t.notOk(existsSync(`${root.path}/containers/${id}`));
  });

  scenario(`${named(runtime)}: a terminal, its size and its keys`, async (t, root) => {
    const terminal = openTerminal(t, [command, "run", "-it", "--rm", "--network", "none", "--runtime", runtime, image, "sh"], {
      env: root.env(),
      columns: 91,
      rows: 31,
    });
    await terminal.see(/ #$/);
    terminal.type("stty size; tty; echo to-$((40+2))\n");
    await terminal.see(/31 91\n\/dev\/(pts\/0|console)\nto-42/);
    terminal.resize(77, 21);
    // the size goes beside what is typed, and may come after it
    terminal.type("until stty size | grep -qx '21 77'; do :; done; clear; stty size; ps | wc -l\n");
    await terminal.see(/21 77\n/);
    terminal.type("exit 5\n");
    t.equal(await terminal.exitCode(), 5);
  });

  scenario(`${named(runtime)}: input, and both streams of output`, async (t, root) => {
    const run = ["run", "-i", "--rm", "--network", "none", "--runtime", runtime, image];
    const piped = await root.tsns([...run, "sh", "-c", "cat; echo aside >&2"], { input: "line 1\nline 2" });
    t.match(piped, { code: 0, stdout: "line 1\nline 2", stderr: "aside\n" });
  });

  scenario(`${named(runtime)}: a command that is not there, one that is no program`, async (t, root) => {
    const run = (...words: string[]) => root.tsns(["run", "--name", "bad", "--runtime", runtime, image, ...words]);
    t.match(await run("nosuch"), {
      code: 127,
      stderr: /^tsns: OCI runtime create failed: .*executable file .*not found in \$PATH.*\n$/,
    });
    t.equal(await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "bad"]), "created 127");
    t.same(leftOf(root, await idOf(root, "bad")), []);
    await root.ok(["rm", "bad"]);
    t.match(await run("/etc"), { code: 126, stderr: /^tsns: OCI runtime create failed: .*\n$/ });
    await root.ok(["rm", "bad"]);
  });

  scenario(`${named(runtime)}: what was left behind by a kill is taken away by the next command`, async (t, root) => {
    const id = await root.ok(["run", "-d", "--name", "left", "--network", "none", "--runtime", runtime, image, "sleep", "100000"]);
    const pid = await pidOf(root, "left");
    const [monitor = ""] = readFileSync(`${root.path}/containers/${id}/monitor`, "utf8").split(" ");
    process.kill(Number(monitor), "SIGKILL");
    await waitFor(
      "its end to be seen",
      async () => (await root.ok(["ps", "-a", "--format", "{{.State}}", "--filter", "name=left"])) === "exited",
    );
    await waitFor("process 1 to be gone", () => !existsSync(`/proc/${pid}`));
    t.same(leftOf(root, id), []);
    await root.ok(["start", "left"]);
    t.not(await pidOf(root, "left"), pid);
    await root.ok(["rm", "-f", "left"]);
  });
}

scenario("a monitor that is killed while the runtime makes the container leaves nothing that is not taken away", async (t, root) => {
  const slow = join(root.path, "slow");
  writeFileSync(slow, `#!/bin/sh\nrunc "$@" || exit\ncase "$*" in *create*) echo $$ > ${root.path}/made; exec sleep 100000;; esac\n`, {
    mode: 0o755,
  });
  const run = root.start(["run", "-d", "--name", "half", "--network", "none", "--runtime", slow, image, "sleep", "100000"]);
  const ended = new Promise((done) => run.on("exit", done));
  const made = join(root.path, "made");
  await waitFor("the container to be made", () => existsSync(made) && readFileSync(made, "utf8") !== "");
  const id = await idOf(root, "half");
  const pid = Number(readFileSync(`${root.path}/containers/${id}/bundle/pid`, "utf8"));
  const monitor = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${readFileSync(made, "utf8").trim()}/status`, "utf8"))?.[1];
  process.kill(Number(monitor), "SIGKILL");
  t.equal(await ended, 125);
  await waitFor("what was made to be gone", () => !existsSync(`/proc/${pid}`));
  t.equal(await root.ok(["ps", "-a", "--format", "{{.State}}", "--filter", "name=half"]), "created");
  t.same(leftOf(root, id), []);
  await root.ok(["rm", "half"]);
});

scenario("a restart policy starts it again by the same runtime", async (t, root) => {
  await root.ok([
    "run",
    "-d",
    "--name",
    "again",
    "--network",
    "none",
    "--restart",
    "on-failure",
    "--runtime",
    "runc",
    image,
    "sleep",
    "100000",
  ]);
  const first = await pidOf(root, "again");
  process.kill(first, "SIGKILL");
  await waitFor("the next run", async () => ![0, first].includes(await pidOf(root, "again")));
  t.equal(await root.ok(["inspect", "-f", "{{.RestartCount}} {{.State.Status}}", "again"]), "1 running");
  await root.ok(["rm", "-f", "again"]);
});

scenario("what another runtime has no part in is refused, as is one that is not there or does not work", async (t, root) => {
  const run = (...options: string[]) => root.tsns(["run", "--rm", ...options, image, "true"]);
  for (const name of ["nosuch", "./runc", "/etc/passwd", "/usr/bin"])
    t.match(await run("--runtime", name), { code: 125, stderr: new RegExp(`^tsns: unknown or invalid runtime name: ${name} \\(.*\\)\n$`) });
  t.match(await root.tsns(["create", "--runtime", "nosuch", image]), {
    code: 1,
    stderr: /^tsns: unknown or invalid runtime name: nosuch /,
  });
  const shown: Record<string, string> = { "--mount": "volume-subpath", "-v": "bind-propagation=shared" };
  for (const [option, value] of [
    ["--userns", "private"],
    ["--userns", "remap"],
    ["--ipc", "container:x"],
    ["--mount", "source=vol,target=/v,volume-subpath=x"],
    ["-v", "/tmp:/v:rshared"],
  ])
    t.match(await run("--runtime", "runc", option ?? "", ...(value ? [value] : [])), {
      code: 125,
      stderr: new RegExp(`^tsns: conflicting options: --runtime runc and ${shown[option ?? ""] ?? option}.*\n$`),
    });
  t.match(await run("--runtime", "/bin/false"), {
    code: 125,
    stderr: /^tsns: OCI runtime create failed: \/bin\/false exited with 1 \(.*\n$/,
  });
  const idle = join(root.path, "idle");
  writeFileSync(idle, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  t.match(
    await run("--runtime", idle),
    { code: 125, stderr: /^tsns: OCI runtime create failed: .*bundle\/pid.*\n$/ },
    "it says that it has made one",
  );
  t.equal(await root.ok(["ps", "-aq"]), "");
  t.match(await run("--runtime", "tsns"), { code: 0 });
});

scenario("it is said by which runtime, and what it is given", async (t, root) => {
  t.match(JSON.parse(await root.ok(["info", "--format", "json"])), { DefaultRuntime: "tsns", Runtimes: { runc: { path: /\/runc$/ } } });
  await root.ok(["create", "--name", "said", "--runtime", "runc", image, "true"]);
  t.match(await root.ok(["inspect", "--as", "run", "said"]), /--runtime runc/);
  t.match(await root.ok(["inspect", "--as", "compose", "said"]), /^ +runtime: runc$/m);
  const plan = await root.ok(["start", "--dry-run", "said"]);
  t.match(plan, /bundle\/config\.json/);
  t.match(plan, /runtime-create .*\/runc.*create.*--bundle/);
  t.match(plan, /runtime-start .*\/runc.*start/);
  await root.ok(["rm", "said"]);
});
