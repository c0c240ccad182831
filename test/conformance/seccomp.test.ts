// config-linux.md of the OCI runtime specification 1.2, Seccomp and The Container Process State: what an agent is told, and what the process gets.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });
const ENOSPC = 28;

interface Agent {
  readonly path: string;
  readonly told: () => readonly string[];
  readonly ended: Promise<unknown>;
}

/** Lets every call go on, but those with a path that ends in "refused". */
async function openAgent(t: Test): Promise<Agent> {
  const folder = mkdtempSync(`${tmpdir()}/tsns-agent-`);
  const source = fileURLToPath(new URL("../fixture/seccomp-listener.c", import.meta.url));
  const { stderr } = spawnSync("cc", ["-O1", "-Wall", "-Wextra", "-Werror", "-o", `${folder}/agent`, source], { encoding: "utf8" });
  t.equal(stderr, "");
  const child = spawn(`${folder}/agent`, [`${folder}/socket`, `${ENOSPC}`], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  t.teardown(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await waitFor("the agent to listen", () => text !== "");
  return { path: `${folder}/socket`, told: () => text.split("\n").slice(1, -1), ended };
}

const withAgent =
  (listenerPath: string, more: Document = {}) =>
  (config: Document): void => {
    config.annotations = { "org.example.key": "value" };
    config.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }],
      listenerPath,
      ...more,
    };
  };

t.test("Seccomp: an agent that is not there is told of", options(), async (t) => {
  const box = openOciBox(t);
  const { status, stderr } = box.oci(["run", "--bundle", box.bundle("true", withAgent("/nonexistent/agent")), `lonely-${process.pid}`]);
  t.equal(status, 1);
  t.match(
    stderr,
    /^tsns: \S.* failed to connect with seccomp agent \/nonexistent\/agent: no such file or directory \(start the agent.*\)\n$/,
  );
});

t.test("The Container Process State: sent with the filter's descriptor, whose calls the agent answers", options(), async (t) => {
  const [box, agent] = [openOciBox(t), await openAgent(t)];
  const bundle = box.bundle(
    "mkdir /refused; mkdir /made; ls -d /made > /told 2>&1; exec sleep 100",
    withAgent(agent.path, { listenerMetadata: "a=b" }),
  );
  t.equal(box.oci(["create", "--bundle", bundle, "agent"]).status, 0);
  const { pid, ociVersion } = box.state("agent");
  t.equal(box.oci(["start", "agent"]).status, 0);
  await waitFor("the agent to be told", () => agent.told().length > 0);
  const state = JSON.parse(agent.told()[0] ?? "");
  t.match(state, { ociVersion: /^1\.\d+\.\d+$/, fds: ["seccompFd"], pid, metadata: "a=b" });
  t.match(state.state, { ociVersion, id: "agent", pid, bundle, annotations: { "org.example.key": "value" } });
  await waitFor("its calls", () => existsSync(`${bundle}/rootfs/told`) && readFileSync(`${bundle}/rootfs/told`, "utf8") !== "");
  t.equal(box.oci(["delete", "--force", "agent"]).status, 0);
  await agent.ended;
  t.same(agent.told().slice(1), ["asked often"]);
});

t.test("Seccomp: an agent that cannot be reached is an error, one that nothing is for is ignored", options(), async (t) => {
  const box = openOciBox(t);
  const { status, stderr } = box.oci(["create", "--bundle", box.bundle("true", withAgent("/no/such/agent")), "nobody"]);
  t.equal(status, 1);
  t.match(stderr, /\/no\/such\/agent/);
  const syscalls = [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSPC }];
  const ran = box.oci(["run", "--bundle", box.bundle("mkdir /x; echo ran", withAgent("/no/such/agent", { syscalls })), "ignored"]);
  t.match(ran, { status: 0, stdout: "ran\n", stderr: /No space left/ });
});

t.test("Seccomp: what the runtime itself calls may be refused, with and without noNewPrivileges", options(), async (t) => {
  const names = [
    "accept",
    "accept4",
    "poll",
    "ppoll",
    "listen",
    "socket",
    "sendmsg",
    "recvmsg",
    "recvfrom",
    "sendto",
    "rt_sigaction",
    "prctl",
  ];
  for (const noNewPrivileges of [false, true]) {
    const box = openOciBox(t);
    const bundle = box.bundle("grep -E '^(CapEff|Seccomp):' /proc/self/status | cut -f2 > /told; sleep 100", (config) => {
      config.process.noNewPrivileges = noNewPrivileges;
      config.process.capabilities = { bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"] };
      config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names, action: "SCMP_ACT_ERRNO" }] };
    });
    t.match(box.oci(["create", "--bundle", bundle, "quiet"]), { status: 0, stderr: "" });
    t.match(box.oci(["start", "quiet"]), { status: 0, stderr: "" });
    t.match(box.oci(["exec", "quiet", "sh", "-c", "exit 7"]), { status: 7, stderr: "" });
    const told = () => (existsSync(`${bundle}/rootfs/told`) ? readFileSync(`${bundle}/rootfs/told`, "utf8") : "");
    await waitFor("its status", () => told().endsWith("2\n"));
    t.equal(told(), "0000000000000020\n2\n", "no capability more than it was given");
    t.equal(box.oci(["delete", "--force", "quiet"]).status, 0);
  }
});

/** A bundle with this startContainer hook, and a filter that ends who makes one of these calls. */
const hooked = (box: OciBox, script: string, refused: readonly string[], noNewPrivileges: boolean, uid = 0) =>
  box.bundle("exec sleep 100", (config) => {
    config.process.noNewPrivileges = noNewPrivileges;
    config.process.user = { uid, gid: uid };
    config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: refused, action: "SCMP_ACT_KILL_PROCESS" }] };
    config.process.rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }];
    config.hooks = { startContainer: [{ path: "/bin/sh", args: ["sh", "-c", script] }] };
  });

for (const noNewPrivileges of [true, false]) {
  const title = noNewPrivileges ? "with no_new_privs" : "without";
  t.test(`Seccomp: a startContainer hook is under the filter of the process, ${title}`, options(), async (t) => {
    const box = openOciBox(t);
    for (const uid of [0, 1000]) {
      const id = `filter-${process.pid}-${uid}`;
      t.equal(
        box.oci(["create", "--bundle", hooked(box, "exec mkdir /tmp/made", ["mkdir", "mkdirat"], noNewPrivileges, uid), id]).status,
        0,
      );
      const { status, stderr } = box.oci(["start", id]);
      t.equal(status, 1);
      t.match(stderr, "error running startContainer hook #0: ended by signal 31 (bad system call): /bin/sh");
      t.equal(box.oci(["state", id]).status, 1, "it is gone");
    }
  });

  t.test(`Seccomp: it need not let through what runs the hook, ${title}`, options(), async (t) => {
    const box = openOciBox(t);
    const refused = ["pipe2", "vfork", "clone3", "pidfd_open", "writev", "setpgid", "seccomp"];
    const script =
      "read -r state; while read -r name value; do case $name in NoNewPrivs:|Seccomp:) echo $name $value;; esac; done < /proc/self/status > /tmp/held";
    const bundle = hooked(box, script, refused, noNewPrivileges);
    const id = `filter-${process.pid}`;
    t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
    const { status, stderr } = box.oci(["start", id]);
    t.equal(status, 0, stderr);
    t.equal(readFileSync(`${bundle}/rootfs/tmp/held`, "utf8"), `NoNewPrivs: ${noNewPrivileges ? 1 : 0}\nSeccomp: 2\n`);
    box.oci(["delete", "--force", id]);
  });
}

t.test("Seccomp: an agent answers for startContainer hooks too", options(), async (t) => {
  for (const noNewPrivileges of [true, false]) {
    const [box, agent] = [openOciBox(t), await openAgent(t)];
    const bundle = box.bundle("exec sleep 100", (config) => {
      withAgent(agent.path)(config);
      config.process.noNewPrivileges = noNewPrivileges;
      config.hooks = { startContainer: [{ path: "/bin/sh", args: ["sh", "-c", "mkdir /refused 2> /said; mkdir /made"] }] };
    });
    const id = `agent-hook-${process.pid}-${noNewPrivileges}`;
    t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
    const { status, stderr } = box.oci(["start", id]);
    t.equal(status, 0, stderr);
    t.match(readFileSync(`${bundle}/rootfs/said`, "utf8"), /No space left/);
    t.ok(existsSync(`${bundle}/rootfs/made`));
    box.oci(["delete", "--force", id]);
  }
});
