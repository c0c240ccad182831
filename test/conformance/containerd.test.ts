// containerd with dist/tsns-oci as the binary below its shim, asked by ctr: run, exec, kill, pause, metrics, delete.
import "../fixture/fresh-namespaces.ts";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { groupsOf, mountHierarchies, removeGroups } from "../fixture/cgroup-hierarchy.ts";
import { makeRoot, type Outcome, outcomeOf } from "../fixture/data-root.ts";
import { endDaemon } from "../fixture/end-daemon.ts";
import { ociProgram } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const image = "docker.io/library/box:1";

interface Containerd {
  readonly directory: string;
  /** Of ctr; the group above those of its containers, too. */
  readonly namespace: string;
  words(args: readonly string[]): string[];
  ctr(args: readonly string[], input?: string): Promise<Outcome>;
  ok(args: readonly string[]): Promise<string>;
}

const settings = (directory: string) => `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${directory}/socket"
[ttrpc]
  address = "${directory}/socket.ttrpc"
[debug]
  level = "error"
`;

/** A daemon of the test's own, which ends with it; the image is there. */
async function startContainerd(t: Test): Promise<Containerd> {
  const directory = mkdtempSync(join(tmpdir(), "tsns-containerd-"));
  const namespace = `${basename(directory)}-${process.pid}`;
  writeFileSync(`${directory}/config.toml`, settings(directory));
  const daemon = spawn("containerd", ["--config", `${directory}/config.toml`], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  daemon.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  t.teardown(async () => {
    await endDaemon(daemon);
    removeGroups(namespace);
    rmSync(directory, { recursive: true, force: true });
  });
  const words: Containerd["words"] = (args) => ["ctr", "--address", `${directory}/socket`, "--namespace", namespace, ...args];
  const ctr: Containerd["ctr"] = (args, input) => {
    const [file = "", ...rest] = words(args);
    const child = spawn(file, rest, { stdio: "pipe" });
    child.stdin.end(input);
    return outcomeOf(child, `ctr ${args.join(" ")}`, 30_000);
  };
  const ok: Containerd["ok"] = async (args) => {
    const { code, stdout, stderr } = await ctr(args);
    if (code !== 0) throw new Error(`ctr ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  await waitFor(
    () => `containerd's answer: ${said}`,
    async () => daemon.exitCode === null && (await ctr(["version"])).code === 0,
  );
  await importImage(t, directory, ok);
  return { directory, namespace, words, ctr, ok };
}

async function importImage(t: Test, directory: string, ok: Containerd["ok"]): Promise<void> {
  const root = await makeRoot(t);
  await root.ok(["import", "-", image], { input: makeBusyboxTar() });
  await root.ok(["save", "-o", `${directory}/image.tar`, image]);
  await ok(["image", "import", `${directory}/image.tar`]);
}

/** --no-pivot and --uidmap are no options here: with them ctr forgets its --runc-binary. */
const run = (runtime = ociProgram): string[] => ["run", "--runc-binary", runtime];

const status = async ({ ok }: Containerd, id: string) => new RegExp(`^${id}\\s+\\d+\\s+(\\w+)`, "m").exec(await ok(["task", "ls"]))?.[1];

const cells = [
  { name: "exit code and both streams", options: [], args: ["sh", "-c", "echo out; echo err >&2; exit 3"] },
  {
    name: "a read-only root, environment, directory, a bind mount",
    options: ["--read-only", "--env=A=b c", "--cwd=/var/log", "--mount=type=bind,src=/etc,dst=/mnt,options=rbind:ro"],
    args: ["sh", "-c", "echo $A; pwd; touch /x; touch /mnt/x; ls -d /mnt/passwd"],
  },
  {
    name: "capabilities and the default filter",
    options: ["--cap-add=CAP_NET_ADMIN", "--cap-drop=CAP_CHOWN", "--seccomp"],
    args: ["grep", "-E", "^(Cap|NoNew|Seccomp:)", "/proc/self/status"],
  },
  { name: "a group by name", options: [], args: ["grep", "-E", ":(memory|pids|freezer):", "/proc/self/cgroup"] },
  { name: "devices and links", options: ["--device=/dev/fuse"], args: ["sh", "-c", "ls /dev | grep -v core; readlink /dev/ptmx /dev/fd"] },
] as const;

const saidBy = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  `${stdout.replaceAll("own", "peer")}\n${stderr}`;

async function testCells(t: Test, { ctr, namespace }: Containerd): Promise<void> {
  for (const [at, { name, options, args }] of cells.entries()) {
    const ask = (runtime: string, id: string) => {
      const group = `--cgroup=/${namespace}/${id}`;
      return ctr([...run(runtime), "--rm", group, ...options, image, id, ...args]);
    };
    // ctr stops reading as soon as it knows of the end: what came last may be lost, of either
    const both = (attempt: number) => Promise.all([ask(ociProgram, `own${at}-${attempt}`), ask("runc", `peer${at}-${attempt}`)]);
    let [own, peer] = await both(0);
    for (let attempt = 1; attempt < 5 && saidBy(own) !== saidBy(peer); attempt++) [own, peer] = await both(attempt);
    t.equal(own.stdout.replaceAll("own", "peer"), peer.stdout, name);
    t.same([own.code, own.stderr], [peer.code, peer.stderr], name);
    t.not(own.stdout, "", name);
  }
  const missing = await ctr([...run(), "--rm", image, "none", "nosuch"]);
  t.match(missing, { code: 1, stderr: /OCI runtime create failed: exec: "nosuch": executable file not found in \$PATH/ });
}

const talker = "trap 'exit 3' TERM; trap 'echo > /tmp/usr1' USR1; echo > /tmp/began; while :; do sleep 0.05; done";

async function testLife(t: Test, containerd: Containerd): Promise<void> {
  const { directory, ctr, ok, namespace } = containerd;
  let made = 0;
  const exec = (args: readonly string[], options: readonly string[] = []) =>
    ctr(["task", "exec", "--exec-id", `e${made++}`, ...options, "one", ...args]);
  const until = (path: string) => waitFor(path, async () => (await exec(["test", "-e", path])).code === 0);
  mkdirSync(`${directory}/said`);
  chmodSync(`${directory}/said`, 0o777); // for user 5
  const mount = `--mount=type=bind,src=${directory}/said,dst=/said,options=rbind:rw`;
  await ok([...run(), "-d", mount, "--memory-limit=33554432", "--cpus=0.5", image, "one", "sh", "-c", talker]);
  await until("/tmp/began");
  t.equal(await status(containerd, "one"), "RUNNING");
  // Into a file: ctr may read nothing of what a short program printed.
  t.match(await exec(["sh", "-c", "(id; pwd) >/said/exec; exit 9"], ["--user=5:6", "--cwd=/tmp"]), { code: 9, stderr: "" });
  t.match(readFileSync(`${directory}/said/exec`, "utf8"), /^uid=5 gid=6.*\n\/tmp\n$/);
  t.match(await exec(["nosuch"]), { code: 1, stderr: /executable file not found in \$PATH/ });
  await exec(["sleep", "100"], ["-d"]);
  t.match(await ok(["task", "ps", "one"]), new RegExp(`ExecID:e${made - 1},`));
  await ok(["task", "kill", "-s", "KILL", "--exec-id", `e${made - 1}`, "one"]);
  await ok(["task", "kill", "-s", "USR1", "one"]);
  await until("/tmp/usr1");

  await ok(["task", "pause", "one"]);
  t.equal(await status(containerd, "one"), "PAUSED");
  await ok(["task", "resume", "one"]);
  t.equal(await status(containerd, "one"), "RUNNING");
  const metrics = JSON.parse(await ok(["task", "metrics", "--format", "json", "one"]));
  t.equal(metrics.memory.usage.limit, 33554432);
  t.ok(metrics.pids.current >= 1 && metrics.cpu.usage.total > 0);
  t.not(groupsOf(`${namespace}/one`).length, 0);

  await ok(["task", "kill", "-s", "TERM", "one"]);
  await waitFor("its end", async () => (await status(containerd, "one")) === "STOPPED");
  t.match(await ctr(["task", "delete", "one"]), { code: 0, stderr: /non-zero exit code 3/ });
  t.same(groupsOf(`${namespace}/one`), []);
  await ok(["task", "start", "-d", "one"]);
  await ok(["task", "kill", "-a", "-s", "KILL", "one"]);
  await waitFor("its end", async () => (await status(containerd, "one")) === "STOPPED");
  await ok(["task", "delete", "one"]);
  await ok(["container", "rm", "one"]);
}

async function testTerminal(t: Test, { words }: Containerd): Promise<void> {
  const screen = openTerminal(t, words([...run(), "--rm", "-t", image, "seen", "sh"]), { columns: 70, rows: 20 });
  await screen.see(/\/ #/);
  // its size is set once it has been started
  screen.type("tty; until stty size 2>/dev/null | grep '20 70'; do :; done\n");
  await screen.see(/\/dev\/pts\/0\n20 70/);
  const second = openTerminal(t, words(["task", "exec", "-t", "--exec-id", "more", "seen", "sh", "-c", "tty; read line; exit 4"]));
  await second.see(/\/dev\/pts\/1/);
  second.press("Enter");
  t.equal(await second.exitCode(), 4);
  screen.type("exit 5\n");
  t.equal(await screen.exitCode(), 5);
}

t.test("ctr run --runc-binary", { ...needRoot, buffered: true, timeout: 120_000 }, async (t) => {
  execFileSync("mount", ["-t", "tmpfs", "run", "/run"]); // shims leave sockets and fifos there
  mountHierarchies(t);
  const containerd = await startContainerd(t);
  await t.test("what a program sees, under tsns and under runc", (t) => testCells(t, containerd));
  await t.test("exec, ps, kill, pause, resume, metrics, delete, start again", (t) => testLife(t, containerd));
  await t.test("terminals", (t) => testTerminal(t, containerd));
  t.equal(await containerd.ok(["container", "ls", "-q"]), "");
  t.same(
    groupsOf(containerd.namespace).filter((path) => !path.endsWith(containerd.namespace)),
    [],
    "no group of a container is left",
  );
});
