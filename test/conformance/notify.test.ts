// sd_notify(3) of a container: what it says reaches the service manager of whoever started it, as runc has it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, openSync, writeFileSync } from "node:fs";
import t from "tap";
import { readProcessFile } from "../../src/kernel/proc/stat.ts";
import { childrenOf } from "../fixture/children.ts";
import { type NotifySocket, openNotifySocket } from "../fixture/notify-socket.ts";
import { type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;

/** The script runs in a bundle that has `notify`. */
function bundleWith(box: OciBox, { program }: NotifySocket, script: string): { readonly id: string; readonly bundle: string } {
  const bundle = box.bundle(script);
  copyFileSync(program, `${bundle}/rootfs/bin/notify`);
  return { id: `notify-${process.pid}-${made++}`, bundle };
}

/** Without waiting for its end. */
function call(box: OciBox, { env }: NotifySocket, ...args: string[]): ChildProcess {
  const out = openSync("/dev/null", "r+");
  const child = spawn(ociProgram, ["--root", box.root, ...args], { stdio: [out, out, out], env: { ...process.env, ...env } });
  closeSync(out);
  return child;
}

const untilGo = "while ! [ -e /go ]; do sleep 0.05; done";

t.test("start returns when the container is ready, and the manager knows its process", options(), async (t) => {
  const [box, manager] = [openOciBox(t), await openNotifySocket(t)];
  const { id, bundle } = bundleWith(
    box,
    manager,
    `notify send STATUS=begun; ${untilGo}; notify send "MAINPID=1\nREADY=1\nSTATUS=well"; exec sleep 100`,
  );
  t.equal(box.oci(["create", "--bundle", bundle, id], { env: manager.env }).status, 0);
  const { pid } = box.state(id);
  const start = call(box, manager, "start", id);
  await waitFor("its first word", () => manager.told().length === 1);
  t.equal(start.exitCode, null, "it waits");
  t.equal(box.state(id).status, "running");
  writeFileSync(`${bundle}/rootfs/go`, "");
  const [code] = await once(start, "close");
  t.equal(code, 0);
  await waitFor("its second word", () => manager.told().length === 2);
  t.same(
    manager.told(),
    [`${start.pid} STATUS=begun; `, `${start.pid} READY=1; MAINPID=${pid}; STATUS=well; `],
    "in the name of the process that the manager has started",
  );
  t.equal(box.oci(["delete", "--force", id]).status, 0);
});

t.test("start returns when the container has ended without a word", options(), async (t) => {
  const [box, manager] = [openOciBox(t), await openNotifySocket(t)];
  const { id, bundle } = bundleWith(box, manager, "true");
  t.equal(box.oci(["create", "--bundle", bundle, id], { env: manager.env }).status, 0);
  t.equal(box.oci(["start", id], { env: manager.env }).status, 0);
  t.same(manager.told(), []);
  t.equal(box.oci(["delete", "--force", id]).status, 0);
});

t.test("a runtime in the foreground hands on all that is said", options(), async (t) => {
  const [box, manager] = [openOciBox(t), await openNotifySocket(t)];
  const { id, bundle } = bundleWith(
    box,
    manager,
    'notify send READY=1; notify send STOPPING=1; ls -l /run/notify | wc -l; touch /run/notify/x || echo "$NOTIFY_SOCKET"',
  );
  const { status, stdout } = box.oci(["run", "--bundle", bundle, id], { env: manager.env });
  t.equal(status, 0);
  t.equal(stdout.trim(), "2\n/run/notify/notify.sock", "one socket, in a place that is read-only");
  await waitFor("both words", () => manager.told().length === 2);
  t.match(manager.told(), [/^\d+ READY=1; MAINPID=\d+; $/, /^\d+ STOPPING=1; $/]);
});

t.test("a runtime in the foreground stays until the last word is handed on in its name", options(), async (t) => {
  const [box, manager] = [openOciBox(t), await openNotifySocket(t)];
  const { id, bundle } = bundleWith(box, manager, `notify send READY=1; ${untilGo}; notify send STOPPING=1`);
  const run = call(box, manager, "run", "--bundle", bundle, id);
  const ended = once(run, "close");
  await waitFor("its first word", () => manager.told().length === 1);
  const { pid } = box.state(id);
  const relay = childrenOf(run.pid ?? 0).find((child) => readProcessFile(child, "cmdline")?.includes("\0notify\0")) ?? 0;
  process.kill(relay, "SIGSTOP");
  writeFileSync(`${bundle}/rootfs/go`, "");
  await waitFor("the container to be deleted", () => box.oci(["state", id]).status === 1);
  t.equal(box.oci(["list", "--quiet"]).stdout, "");
  process.kill(relay, "SIGCONT");
  t.same(await ended, [0, null]);
  await waitFor("its last word", () => manager.told().length === 2);
  t.same(manager.told(), [`${run.pid} READY=1; MAINPID=${pid}; `, `${run.pid} STOPPING=1; `]);
});

t.test("without a service manager there is no socket", options(), async (t) => {
  const box = openOciBox(t);
  const { stdout } = box.oci(["run", "--bundle", box.bundle('ls -d /run/notify 2>/dev/null; echo "<$NOTIFY_SOCKET>"'), "none"], {
    env: { NOTIFY_SOCKET: "" },
  });
  t.equal(stdout, "<>\n");
});

t.test("a manager that cannot be reached is a warning", options(), async (t) => {
  const box = openOciBox(t);
  const { status, stdout, stderr } = box.oci(["run", "--bundle", box.bundle("echo ran"), "lost"], {
    env: { NOTIFY_SOCKET: "/no/such/socket" },
  });
  t.equal(status, 0);
  t.equal(stdout, "ran\n");
  t.match(stderr, /WARNING: container lost: .* NOTIFY_SOCKET: ENOENT/);
});
