// podman with dist/tsns-oci as its runtime: --sdnotify, by which conmon, the container or nobody tells the service manager.
import { spawn } from "node:child_process";
import t from "tap";
import { outcomeOf } from "../fixture/data-root.ts";
import { openNotifySocket } from "../fixture/notify-socket.ts";
import { needPrograms, openCaller } from "../fixture/oci-caller.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("what a container says reaches the manager of whoever started podman", needPrograms("podman", "conmon"), async (t) => {
  const [podman, manager] = [await openCaller(t, "podman"), await openNotifySocket(t)];
  const run = async (name: string, mode: string, script: string) => {
    const options = ["--cgroup-parent", podman.groupParent, "--sdnotify", mode, "-v", `${manager.program}:/bin/notify:ro`, "--name", name];
    const words = podman.words(["run", "-d", ...options, "busybox", "sh", "-c", script]);
    const child = spawn("env", [`NOTIFY_SOCKET=${manager.env.NOTIFY_SOCKET}`, ...words], { stdio: "pipe" });
    const { code, stderr } = await outcomeOf(child, `podman run ${name}`, 60_000);
    t.equal(code, 0, stderr);
  };
  const told = (word: string) => manager.told().filter((line) => line.includes(word)).length;
  await run("own", "container", "notify send READY=1; exec sleep 100");
  // Which of the two speaks first is nowhere said.
  await waitFor("its word, and podman's", () => told("READY=1") === 1 && told("MAINPID=") > 0);
  t.equal(told("MAINPID="), 1, "of conmon, by podman");
  await run("conmon", "conmon", 'echo "<$NOTIFY_SOCKET>"; exec sleep 100');
  await waitFor("conmon's word", () => told("READY=1") === 2);
  t.equal(await waitFor("what it says", () => podman.ok(["logs", "conmon"])), "<>");
});
