// The creator that gives its terminal away, to whoever listens at a console socket.
import { spawn } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start } from "./creator.ts";
import { gone, makeBox } from "./sandbox.ts";

const receiver = `
import array, os, socket, sys
listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen(); print("listens", flush=True)
connection, _ = listener.accept()
data, control, _, _ = connection.recvmsg(4096, 64)
master = array.array("i", control[0][2])[0]
print("name", data.decode(), len(control), connection.recv(1) == b"", flush=True)
os.write(master, b"typed\\n")
while True:
    try: chunk = os.read(master, 4096)
    except OSError: break
    if not chunk: break
    os.write(1, chunk)
print("ended", flush=True)
`;

t.test("a terminal that goes to a console socket", { ...needRoot, buffered: true }, async (t) => {
  for (const length of [1, 150]) {
    const box = makeBox(t);
    const path = join(box.dir, "c".repeat(length));
    const listener = spawn("python3", ["-c", receiver, length > 100 ? `/proc/self/cwd/${"c".repeat(30)}` : path], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: box.dir,
    });
    t.teardown(() => void listener.kill("SIGKILL"));
    let shown = "";
    listener.stdout?.on("data", (chunk: Buffer) => (shown += chunk));
    await waitFor("the listener", () => shown === "listens\n");
    const socket = length > 100 ? join(box.dir, "./".repeat(60), "c".repeat(30)) : path;
    const plan = createPlan(box, ["sh", "-c", "tty; read line; echo got $line; echo error >&2"], {
      stdio: "pty",
      monitor: [["console-socket", "130", length > 100 ? `${box.dir}${"/.".repeat(60)}/${"c".repeat(30)}` : socket]],
    });
    const { code, report, pid, output } = create(t, box, plan);
    t.match([code, report], [0, /^created /]);
    await waitFor("the terminal", () => /^name \/dev\/pts\/0 1 True$/m.test(shown));
    t.equal(await start(t, gatePath(box)), "exec\n");
    await waitFor("its end", () => shown.endsWith("ended\n"));
    t.match(shown, /\/dev\/pts\/0\r\n(.*\r\n)*got typed\r\nerror\r\n/);
    t.equal(output(), "", "nothing of it comes to the creator's streams");
    t.ok(await gone(pid));
  }
  const box = makeBox(t);
  const nobody = create(t, box, createPlan(box, ["true"], { stdio: "pty", monitor: [["console-socket", "130", join(box.dir, "none")]] }));
  t.match([nobody.code, nobody.report], [125, /^error 2 console-socket connect ENOENT /]);
});
