// A foreground `run` that gets a signal while it makes the container: it ends as by that signal, and nothing is left of the container.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import t, { type Test } from "tap";
import { isErrno } from "../../src/base/error.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = { ...needRoot, buffered: true };
const group = `/tsns-oci-test-${process.pid}-interrupt`;
const groupsLeft = () => readHierarchies().filter(({ mountPoint }) => existsSync(mountPoint + group));

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Exit status, and the signal it died of. */
  readonly ended: Promise<readonly [number | null, string | null]>;
}

function run(t: Test, box: OciBox, bundle: string, ...words: readonly string[]): Run {
  const child = spawn(ociProgram, ["--root", box.root, ...words, "run", "-b", bundle, "box"], { stdio: ["pipe", "ignore", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk));
  const ended = new Promise<readonly [number | null, string | null]>((done) => child.once("close", (...end) => done(end)));
  return { child, said: () => said, ended };
}

function makeFifo(path: string): string {
  spawnSync("mkfifo", [path]);
  return path;
}

/** The end to write to, as soon as somebody has opened it to read. */
const opened = (path: string) =>
  waitFor(`somebody to read ${path}`, () => {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (isErrno(error, "ENXIO")) return undefined;
      throw error;
    }
  });

/** Waits until the process has taken notice: none is pending any more. */
async function signal({ child }: Run, name: NodeJS.Signals): Promise<void> {
  child.kill(name);
  await waitFor("the signal to arrive", () => !/^(Shd|Sig)Pnd:\s*0*[1-9a-f]/m.test(readStatus(child.pid)));
}

function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function nothingIsLeft(t: Test, box: OciBox): void {
  t.same(existsSync(box.root) ? readdirSync(box.root) : [], [], "the id is free");
  t.same(groupsLeft(), []);
}

for (const [name, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  t.test(`${name} before there is a process that could get it`, options, async (t) => {
    const box = openOciBox(t);
    const bundle = box.bundle("echo > /ran", ({ linux }) => {
      linux.cgroupsPath = group;
    });
    const path = `${bundle}/config.json`;
    const text = readFileSync(path, "utf8");
    spawnSync("rm", [path]);
    // What waits for its configuration hears of nothing until it begins.
    makeFifo(path);
    const running = run(t, box, bundle, "--debug");
    const file = await opened(path);
    await signal(running, name);
    writeSync(file, text);
    closeSync(file);
    t.same(await running.ended, [status, null]);
    t.match(running.said(), `group ${readHierarchies()[0]?.mountPoint}`, "it had begun, and has been taken back");
    t.notMatch(running.said(), /tsns: /, "without a word");
    t.notOk(existsSync(`${bundle}/rootfs/ran`));
    nothingIsLeft(t, box);
  });

  t.test(`${name} while a hook of create runs`, options, async (t) => {
    const box = openOciBox(t);
    const bundle = box.bundle("echo > /ran", (config, bundle) => {
      config.linux.cgroupsPath = group;
      const script = `read line < ${makeFifo(`${bundle}/fifo`)}`;
      config.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", script], env: ["PATH=/bin:/usr/bin"] }] };
    });
    const running = run(t, box, bundle);
    const file = await opened(`${bundle}/fifo`);
    t.equal(groupsLeft().length, readHierarchies().length, "it is being made");
    running.child.kill(name);
    t.same(await running.ended, [status, null]);
    closeSync(file);
    t.equal(running.said(), "");
    t.notOk(existsSync(`${bundle}/rootfs/ran`));
    nothingIsLeft(t, box);
  });
}

t.test("what would end nobody ends nothing", options, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("exit 7", (config, bundle) => {
    const script = `read line < ${makeFifo(`${bundle}/fifo`)}`;
    config.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", script], env: ["PATH=/bin:/usr/bin"] }] };
  });
  const running = run(t, box, bundle);
  const file = await opened(`${bundle}/fifo`);
  running.child.kill("SIGWINCH");
  running.child.kill("SIGCONT");
  writeSync(file, "go\n");
  closeSync(file);
  t.same(await running.ended, [7, null]);
  t.equal(running.said(), "");
});

t.test("SIGTERM once it runs is the program's", options, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("trap 'exit 9' TERM; echo > /ready; while :; do sleep 0.05; done");
  const running = run(t, box, bundle);
  await waitFor("its trap", () => existsSync(`${bundle}/rootfs/ready`));
  running.child.kill("SIGTERM");
  t.same(await running.ended, [9, null]);
  nothingIsLeft(t, box);
});
