// podman with dist/tsns-oci as its runtime: the life of containers and pods, from start to rm, as podman's own commands and a terminal lead it.
import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Caller, needPrograms, openCaller } from "../fixture/oci-caller.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

t.jobs = 3;

const need = () => needPrograms("podman", "conmon");

const run = (podman: Caller, options: readonly string[], ...command: string[]) =>
  podman.ok(["run", "--cgroup-parent", podman.groupParent, ...options, "busybox", ...command]);

const statusOf = (podman: Caller, name: string) => podman.ok(["inspect", name, "--format", "{{.State.Status}} {{.State.ExitCode}}"]);

/** Says "up" and ends with 7 when asked to. */
const service = 'trap "echo asked; exit 7" TERM; echo up; while :; do sleep 0.05; done';

const logged = (podman: Caller, name: string, word: string, times = 1) =>
  waitFor(`${times} "${word}" in the log`, async () => (await podman.ok(["logs", name])).split(word).length > times);

t.test("a container in the background: looked at, paused, limited, stopped, started again, killed, removed", need(), async (t) => {
  const podman = await openCaller(t, "podman");
  await run(podman, ["-d", "--name", "one"], "sh", "-c", service);
  await logged(podman, "one", "up");
  t.equal(await statusOf(podman, "one"), "running 0");
  t.match(await podman.ok(["top", "one", "pid", "comm"]), /^PID +COMMAND\n1 +sh/);
  t.match(await podman.ok(["stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "one"]), /^one [1-9]$/);

  await podman.ok(["pause", "one"]);
  t.match(await statusOf(podman, "one"), /^paused/);
  await podman.ok(["unpause", "one"]);
  t.match(await statusOf(podman, "one"), /^running/);
  await podman.ok(["update", "--memory", "100m", "--cpus", "0.3", "one"]);
  const limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null";
  t.equal((await podman.call(["exec", "one", "sh", "-c", limits])).stdout, "104857600\n", "update");

  await podman.ok(["stop", "--time", "20", "one"]);
  t.equal(await statusOf(podman, "one"), "exited 7");
  t.match(await podman.ok(["logs", "one"]), /^up\nasked$/);
  await podman.ok(["start", "one"]);
  await logged(podman, "one", "up", 2);
  await podman.ok(["restart", "--time", "20", "one"]);
  await logged(podman, "one", "up", 3);
  await podman.ok(["kill", "one"]);
  t.equal(await podman.ok(["wait", "one"]), "137");
  await podman.ok(["rm", "one"]);
  await run(podman, ["-d", "--name", "one"], "sleep", "1000");
  await podman.ok(["rm", "--force", "--time", "0", "one"]);
  t.equal(await podman.ok(["ps", "--all", "--quiet"]), "");
  t.same(podman.groups(), [], "no group is left");
});

t.test("exec: its own user, directory, variables, rights, exit code and groups", need(), async (t) => {
  const podman = await openCaller(t, "podman");
  await run(podman, ["-d", "--name", "one", "--security-opt", "no-new-privileges"], "sleep", "1000");
  const exec = (...words: string[]) => podman.call(["exec", ...words]);
  const said = await exec(
    "-u",
    "1000:5",
    "-w",
    "/tmp",
    "-e",
    "X=y",
    "one",
    "sh",
    "-c",
    "id -u; id -g; pwd; echo $X; grep -e CapEff -e NoNew -e Seccomp: /proc/self/status",
  );
  t.equal(said.stdout, "1000\n5\n/tmp\ny\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n", said.stderr);
  t.match((await exec("--privileged", "one", "grep", "CapEff", "/proc/self/status")).stdout, /^CapEff:\t0*1f+/);
  t.equal((await podman.call(["exec", "-i", "one", "cat"], { input: "given" })).stdout, "given");
  t.equal((await exec("-t", "one", "tty")).stdout, "/dev/pts/0\r\n");
  const groups = (await exec("one", "sh", "-c", "cat /proc/1/cgroup; echo; cat /proc/self/cgroup")).stdout.split("\n\n");
  t.equal(groups[0], groups[1]?.trimEnd(), "in the container's groups");
  const codes = [];
  for (const words of [["sh", "-c", "exit 9"], ["nosuch"], ["/etc"]]) codes.push((await exec("one", ...words)).code);
  t.same(codes, [9, 127, 126]);
  await podman.ok(["exec", "-d", "one", "touch", "/tmp/done"]);
  await waitFor("what runs in the background", async () => (await exec("one", "test", "-e", "/tmp/done")).code === 0);
});

t.test("a pod shares its namespaces; a container joins those of another, in a user namespace", need(), async (t) => {
  const podman = await openCaller(t, "podman");
  const infra = ["--infra-image", "busybox", "--infra-command", "sleep 1000"];
  await podman.ok([
    "pod",
    "create",
    "--name",
    "pod",
    "--cgroup-parent",
    podman.groupParent,
    ...infra,
    "--share",
    "ipc,net,uts,pid",
    "--hostname",
    "shared",
  ]);
  await podman.ok(["run", "-d", "--pod", "pod", "busybox", "sleep", "500"]);
  const seen =
    "hostname; ps -o args | grep -c '^sleep'; for kind in net ipc uts pid mnt; do test $(readlink /proc/self/ns/$kind) = $(readlink /proc/1/ns/$kind) && echo $kind; done";
  t.equal(await podman.ok(["run", "--rm", "--pod", "pod", "busybox", "sh", "-c", `${seen}; true`]), "shared\n2\nnet\nipc\nuts\npid");
  await podman.ok(["pod", "pause", "pod"]);
  t.match(await podman.ok(["pod", "ps", "--format", "{{.Status}}"]), /Paused|Degraded/);
  await podman.ok(["pod", "unpause", "pod"]);
  await podman.ok(["pod", "kill", "pod"]);

  await run(podman, ["-d", "--name", "one", "--uidmap", "0:100000:65536"], "sleep", "500");
  const joined = ["net", "ipc", "pid", "userns"].map((kind) => `--${kind}=container:one`);
  const inside = "tr -s ' ' < /proc/self/uid_map; ps -o args | sed -n 2p; touch /x && stat -c %u /x";
  t.equal(await run(podman, ["--rm", ...joined], "sh", "-c", inside), " 0 100000 65536\nsleep 500\n0");
  t.equal(await podman.ok(["exec", "-u", "7", "one", "sh", "-c", "id -u; tr -s ' ' < /proc/self/uid_map"]), "7\n 0 100000 65536");
});

t.test(
  "a terminal: run -it and exec -it in its size, keys reach the program, the exit code comes back",
  { ...need(), ...terminal() },
  async (t) => {
    const podman = await openCaller(t, "podman");
    const screen = openTerminal(t, podman.words(["run", "-it", "--name", "one", "--cgroup-parent", podman.groupParent, "busybox", "sh"]), {
      columns: 91,
      rows: 33,
    });
    await screen.see(/\/ #$/m);
    // its size may be set once it has been started
    screen.type("until stty size 2>/dev/null | grep '33 91'; do :; done; sleep 1000\n");
    await screen.see(/^33 91$/m);
    screen.press("C-c");
    screen.type("echo ended $?\n");
    await screen.see(/^ended 130$/m);
    screen.resize(70, 20);
    screen.type("while ! stty size | grep '20 70'; do :; done\n");
    await screen.see(/^20 70$/m);
    const second = openTerminal(
      t,
      podman.words(["exec", "-it", "one", "sh", "-c", "tty; until stty size 2>/dev/null; do :; done; exit 4"]),
      { columns: 60, rows: 20 },
    );
    t.equal(await second.exitCode(), 4);
    t.match(second.screen(), /^\/dev\/pts\/1\n20 60$/m);
    screen.type("exit 5\n");
    t.equal(await screen.exitCode(), 5);
  },
);

function terminal() {
  const { skip } = needPrograms("podman", "conmon", "tmux");
  return { skip };
}

t.test("hooks get the container's state", need(), async (t) => {
  const podman = await openCaller(t, "podman");
  await hooked(t, podman);
});

async function hooked(t: Test, podman: Caller): Promise<void> {
  const stages = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"];
  const told = (stage: string) => `${podman.directory}/told-${stage}`;
  for (const stage of stages) {
    const hook = { path: "/bin/sh", args: ["sh", "-c", `cat > ${told(stage)}`] };
    writeFileSync(`${podman.directory}/${stage}.json`, JSON.stringify({ version: "1.0.0", hook, when: { always: true }, stages: [stage] }));
  }
  await podman.ok([
    "--hooks-dir",
    podman.directory,
    "run",
    "--rm",
    "--cgroup-parent",
    podman.groupParent,
    "--annotation",
    "a=b",
    "busybox",
    "true",
  ]);
  const states = stages.map((stage) => JSON.parse(readFileSync(told(stage), "utf8")));
  t.same(
    states.map(({ status }) => status),
    ["created", "created", "created", "running", "stopped"],
  );
  t.equal(states[2].pid, 1, "in the container's namespaces its pid there");
  t.ok(states[0].pid > 1 && states[0].pid === states[1].pid);
  for (const state of states) t.match(state, { id: states[0].id, annotations: { a: "b" }, ociVersion: /^1\./ });
}
