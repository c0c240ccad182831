// config.md of the OCI runtime specification 1.2, Process, Root, Mounts, Hostname and Domainname: what a program in the container sees of them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;

/** What the script writes, in a container of this configuration. */
function output(t: Test, box: OciBox, script: string, change?: (config: Document) => void): string {
  const { status, stdout, stderr } = box.oci(["run", "--bundle", box.bundle(script, change), `process-${process.pid}-${made++}`]);
  t.equal(status, 0, `ran: ${stderr}`);
  return stdout.trim();
}

const lines = (...args: Parameters<typeof output>) => output(...args).split("\n");
const inProcess =
  (process: Document) =>
  (config: Document): void => {
    Object.assign(config.process, process);
  };

t.test("Process: cwd, env, args", options(), async (t) => {
  const box = openOciBox(t);
  const change = inProcess({
    cwd: "/tmp",
    env: ["PATH=/bin", "A=1 2", "EMPTY="],
    args: ["sh", "-c", 'pwd; echo "$A"; echo "$EMPTY."; echo "$0 $1"', "zero", "o ne"],
  });
  t.same(lines(t, box, "", change), ["/tmp", "1 2", ".", "zero o ne"]);
});

t.test("Process: the program is looked for in the PATH of the process, as execvp(3) does", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(output(t, box, "", inProcess({ env: ["PATH=/nowhere:/bin"], args: ["echo", "found"] })), "found");
});

t.test("Process: a working directory that is not there is made", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(output(t, box, "pwd", inProcess({ cwd: "/made/below" })), "/made/below");
});

t.test("POSIX process: rlimits", options(), async (t) => {
  const box = openOciBox(t);
  const rlimits = [
    { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
    { type: "RLIMIT_CORE", soft: 0, hard: 0 },
  ];
  const found = output(t, box, "cat /proc/self/limits", inProcess({ rlimits }));
  t.match(found, /Max open files +100 +200 /);
  t.match(found, /Max core file size +0 +0 /);
});

t.test("POSIX-platform User: uid, gid, umask, additionalGids", options(), async (t) => {
  const box = openOciBox(t);
  const user = { uid: 1000, gid: 1001, umask: 0o027, additionalGids: [5, 7] };
  const [ids, umask] = lines(t, box, "id; umask", inProcess({ user }));
  t.match(ids, /^uid=1000 gid=1001 groups=5\(tty\),7$/, "those that are listed, and no other");
  t.equal(umask, "0027");
});

t.test("Linux Process: capabilities, in five sets", options(), async (t) => {
  const box = openOciBox(t);
  const capabilities = {
    bounding: ["CAP_KILL", "CAP_CHOWN", "CAP_SETUID"],
    effective: ["CAP_KILL"],
    permitted: ["CAP_KILL", "CAP_CHOWN"],
    inheritable: ["CAP_KILL"],
    ambient: ["CAP_KILL"],
  };
  // As another user, so that exec does not give what only root gets.
  const found = output(t, box, "grep Cap /proc/self/status", inProcess({ capabilities, user: { uid: 7, gid: 7 } }));
  const mask = (name: string) => Number.parseInt(new RegExp(`Cap${name}:\\s+([0-9a-f]+)`).exec(found)?.[1] ?? "", 16);
  t.equal(mask("Bnd"), (1 << 5) | (1 << 0) | (1 << 7));
  t.equal(mask("Eff"), 1 << 5);
  t.equal(mask("Prm"), 1 << 5, "what exec leaves: the ambient ones");
  t.equal(mask("Inh"), 1 << 5);
  t.equal(mask("Amb"), 1 << 5);
});

t.test("Linux Process: without capabilities in the configuration there are none", options(), async (t) => {
  const box = openOciBox(t);
  const found = output(t, box, "grep Cap /proc/self/status", inProcess({ capabilities: undefined }));
  for (const line of found.split("\n")) t.match(line, /^Cap(Inh|Prm|Eff|Bnd|Amb):\s+0{16}$/);
});

t.test("Linux Process: noNewPrivileges, oomScoreAdj, scheduler, ioPriority", options(), async (t) => {
  const box = openOciBox(t);
  const process = {
    noNewPrivileges: true,
    oomScoreAdj: 100,
    scheduler: { policy: "SCHED_BATCH", nice: 5 },
    ioPriority: { class: "IOPRIO_CLASS_IDLE", priority: 0 },
  };
  const script = "grep NoNewPrivs /proc/self/status; cat /proc/self/oom_score_adj; cut -d' ' -f19,41 /proc/self/stat; ionice -p $$";
  const [privileges, oom, nice, io] = lines(t, box, script, inProcess(process));
  t.match(privileges, /1$/);
  t.equal(oom, "100");
  t.equal(nice, "5 3", "nice value and SCHED_BATCH");
  t.match(io, /idle/);
  t.match(output(t, box, "grep NoNewPrivs /proc/self/status", inProcess({ noNewPrivileges: false })), /0$/);
});

t.test("Linux Process: execCPUAffinity is for what is executed later, not for the first process", options(), async (t) => {
  const box = openOciBox(t);
  const all = /Cpus_allowed_list:\s+(\S+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  const last = all.split(/[-,]/).at(-1) ?? "";
  const bundle = box.bundle(
    "grep Cpus_allowed_list /proc/self/status > /told; exec sleep 100",
    inProcess({ execCPUAffinity: { final: last } }),
  );
  t.equal(box.oci(["run", "--detach", "--bundle", bundle, "affinity"]).status, 0);
  const later = box.oci(["exec", "affinity", "grep", "Cpus_allowed_list", "/proc/self/status"]);
  t.match(later, { status: 0, stdout: new RegExp(`:\\s+${last}\n$`) });
  const first = await waitFor(
    "what the first process has told",
    () => existsSync(`${bundle}/rootfs/told`) && readFileSync(`${bundle}/rootfs/told`, "utf8"),
  );
  t.match(first, new RegExp(`:\\s+${all}\n$`));
  t.equal(box.oci(["delete", "--force", "affinity"]).status, 0);
});

t.test("Linux Process: an unknown capability is not granted and is no error, an unknown limit is one", options(), async (t) => {
  const box = openOciBox(t);
  const capabilities = { bounding: ["CAP_KILL", "CAP_NO_SUCH"] };
  const unknown = box.oci(["run", "--bundle", box.bundle("echo ran", inProcess({ capabilities })), "unknown-capability"]);
  t.match(unknown, { status: 0, stdout: "ran\n", stderr: /WARNING: .*CAP_NO_SUCH/ });
  const bundle = box.bundle("true", inProcess({ rlimits: [{ type: "RLIMIT_NO_SUCH", soft: 1, hard: 1 }] }));
  const { status, stderr } = box.oci(["create", "--bundle", bundle, "unknown-limit"]);
  t.equal(status, 1);
  t.match(stderr, /RLIMIT_NO_SUCH/);
});

t.test("Linux Process: oomScoreAdj that is not set is not changed", options(), async (t) => {
  const box = openOciBox(t);
  const own = readFileSync("/proc/self/oom_score_adj", "utf8").trim();
  t.equal(output(t, box, "cat /proc/self/oom_score_adj"), own);
});

t.test("POSIX process: limits that are there twice are an error", options(), async (t) => {
  const box = openOciBox(t);
  const rlimit = { type: "RLIMIT_CORE", soft: 0, hard: 0 };
  const { status, stderr } = box.oci(["create", "--bundle", box.bundle("true", inProcess({ rlimits: [rlimit, rlimit] })), "twice"]);
  t.equal(status, 1);
  t.match(stderr, /RLIMIT_CORE is there twice/);
});

t.test("Features: the versions that it names are accepted", options(), async (t) => {
  const box = openOciBox(t);
  const { ociVersionMin, ociVersionMax } = JSON.parse(box.oci(["features"]).stdout);
  for (const ociVersion of [ociVersionMin, ociVersionMax, "1.0.2-dev", "1.1.0+build.5"])
    t.equal(
      output(t, box, "echo ran", (config) => {
        config.ociVersion = ociVersion;
      }),
      "ran",
      ociVersion,
    );
});

t.test("Root: readonly", options(), async (t) => {
  const box = openOciBox(t);
  const script = "touch /file 2>/dev/null && echo written; echo end";
  t.equal(
    output(t, box, script, (config) => {
      config.root.readonly = true;
    }),
    "end",
  );
  t.equal(output(t, box, script), "written\nend");
});

t.test("Root: an absolute path, and one below the bundle", options(), async (t) => {
  const box = openOciBox(t);
  const rootfs = `${box.bundle("true")}/rootfs`;
  t.equal(
    output(t, box, "echo there", (config) => {
      config.root.path = rootfs;
    }),
    "there",
  );
});

t.test("Mounts: in the order in which they are listed, each with its options", options(), async (t) => {
  const box = openOciBox(t);
  const source = box.bundle("true");
  writeFileSync(`${source}/file`, "of the host\n");
  mkdirSync(`${source}/deep`);
  const script =
    "cat /outer/inner/file /one; ls /outer; grep -E ' /(outer|outer/inner|one) ' /proc/self/mountinfo | cut -d' ' -f5,6 | sort; touch /outer/inner/x 2>/dev/null || echo refused";
  const found = lines(t, box, script, (config) => {
    config.mounts.push(
      { destination: "/outer", type: "tmpfs", source: "tmpfs", options: ["nosuid", "noexec", "size=64k", "mode=711"] },
      { destination: "/outer/inner", type: "bind", source, options: ["rbind", "ro"] },
      { destination: "/one", source: `${source}/file`, options: ["bind", "nodev"] },
    );
  });
  t.same(found, [
    "of the host",
    "of the host",
    "inner",
    "/one rw,nodev,relatime",
    "/outer rw,nosuid,noexec,relatime",
    "/outer/inner ro,relatime",
    "refused",
  ]);
});

t.test("Mounts: a destination that is a link leads nowhere outside the root", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("ls /etc/hidden", (config) => {
    config.mounts.push({ destination: "/link/hidden", type: "tmpfs", source: "tmpfs", options: [] });
    config.process.args = ["sh", "-c", "ln -s /etc /link 2>/dev/null; grep -c ' /etc/hidden ' /proc/self/mountinfo"];
  });
  const { symlinkSync } = await import("node:fs");
  symlinkSync("/etc", `${bundle}/rootfs/link`);
  const { stdout } = box.oci(["run", "--bundle", bundle, "link"]);
  t.equal(stdout.trim(), "1", "the link was followed inside");
});

t.test("Hostname, Domainname", options(), async (t) => {
  const box = openOciBox(t);
  const found = lines(t, box, "hostname; cat /proc/sys/kernel/domainname", (config) => {
    config.hostname = "a-host";
    config.domainname = "a.domain";
  });
  t.same(found, ["a-host", "a.domain"]);
  t.not(readFileSync("/proc/sys/kernel/hostname", "utf8").trim(), "a-host");
});

t.test("Process: a terminal needs somebody who takes it", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", inProcess({ terminal: true }));
  const { status, stderr } = box.oci(["create", "--bundle", bundle, "terminal"]);
  t.equal(status, 1);
  t.match(stderr, /console-socket/);
});

t.test("Annotations and Extensibility: unknown properties are ignored", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(
    output(t, box, "echo ran", (config) => {
      config.annotations = { "": "", "com.example": "x" };
      config.unknown = { deep: [1] };
      config.linux.unknown = true;
      config.annotations = { "com.example": "x" };
    }),
    "ran",
  );
});
