// --pidfd-socket of create, run and exec: whoever listens gets a pidfd of the process, before that does anything of its own.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });

const receiver = `
import array, os, signal, socket, sys
listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen(); print("listens", flush=True)
connection, _ = listener.accept()
data, control, _, _ = connection.recvmsg(4096, 64)
pidfd = array.array("i", control[0][2])[0]
about = dict(line.split(":", 1) for line in open(f"/proc/self/fdinfo/{pidfd}"))
print("got", data.decode(), about["Pid"].strip(), len(control), connection.recv(1) == b"", flush=True)
sys.stdin.readline()
signal.pidfd_send_signal(pidfd, signal.SIGKILL)
print("killed", flush=True)
`;

interface Receiver {
  readonly path: string;
  /** `TEXT PID`, once it has come and the connection has been closed. */
  got(): Promise<string>;
  kill(): Promise<void>;
}

let made = 0;

async function receive(t: Test, directory: string): Promise<Receiver> {
  const path = `${directory}/pidfd${made++}`;
  const child = spawn("python3", ["-c", receiver, path], { stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => void child.kill("SIGKILL"));
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => (shown += chunk));
  const see = (pattern: RegExp) =>
    waitFor(
      () => `${pattern} in ${JSON.stringify(shown)}`,
      () => pattern.exec(shown)?.[1],
    );
  await see(/^(listens)$/m);
  return {
    path,
    got: () => see(/^got (\S+ \d+) 1 True$/m),
    async kill() {
      child.stdin.write("\n");
      await see(/^(killed)$/m);
    },
  };
}

t.test("create", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100");
  const receiver = await receive(t, bundle);
  t.equal(box.oci(["create", "--bundle", bundle, "--pidfd-socket", receiver.path, "box"]).status, 0);
  t.equal(await receiver.got(), `standard ${box.state("box").pid}`);
  await receiver.kill();
  await waitFor("its end", () => box.state("box").status === "stopped");
});

t.test("run, detached and attended, in a user namespace", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    config.linux.namespaces.push({ type: "user" });
    config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  });
  const first = await receive(t, bundle);
  t.match(box.oci(["run", "--detach", "--bundle", bundle, "--pidfd-socket", first.path, "box"]), { status: 0, stderr: "" });
  t.equal(await first.got(), `standard ${box.state("box").pid}`);
  await first.kill();
  await waitFor("its end", () => box.state("box").status === "stopped");
  const second = await receive(t, bundle);
  t.equal(box.oci(["run", "--bundle", box.bundle("exit 7"), "--pidfd-socket", second.path, "short"]).status, 7);
  t.match(await second.got(), /^standard \d+$/);
});

t.test("exec", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100");
  const receiver = await receive(t, bundle);
  t.equal(box.oci(["run", "--detach", "--bundle", bundle, "box"]).status, 0);
  const words = ["--pid-file", `${bundle}/pid`, "--pidfd-socket", receiver.path, "box", "sleep", "100"];
  t.equal(box.oci(["exec", "--detach", ...words]).status, 0);
  const pid = Number(readFileSync(`${bundle}/pid`, "utf8"));
  t.equal(await receiver.got(), `setns ${pid}`);
  await receiver.kill();
  const pids = () => JSON.parse(box.oci(["ps", "--format", "json", "box"]).stdout);
  await waitFor("its end", () => !pids().includes(pid));
  t.equal(box.state("box").status, "running", "and nobody else's");
});

t.test("where nobody listens", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100");
  const nobody = ["--pidfd-socket", `${bundle}/none`];
  const stderr = new RegExp(`^tsns: --pidfd-socket ${bundle}/none: no such file or directory \\(start what listens there first\\)\n$`);
  for (const word of ["create", "run"]) t.match(box.oci([word, "--bundle", bundle, ...nobody, "box"]), { status: 1, stderr }, word);
  t.same(readdirSync(box.root), [], "nothing is left");
  t.equal(box.oci(["run", "--detach", "--bundle", bundle, "box"]).status, 0);
  t.match(box.oci(["exec", ...nobody, "box", "true"]), { status: 255, stderr });
});
