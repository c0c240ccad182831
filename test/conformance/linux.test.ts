// config-linux.md of the OCI runtime specification 1.2, section by section: what a program in the container sees, and what the host sees of it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;

function output(t: Test, box: OciBox, script: string, change?: (config: Document, bundle: string) => void): string {
  const { status, stdout, stderr } = box.oci(["run", "--bundle", box.bundle(script, change), `linux-${process.pid}-${made++}`]);
  t.equal(status, 0, `ran: ${stderr}`);
  return stdout.trim();
}

const lines = (...args: Parameters<typeof output>) => output(...args).split("\n");

/** The kinds of namespaces a container has of its own. */
const kindsOf = (pid: number) =>
  ["mnt", "pid", "net", "ipc", "uts", "user", "cgroup", "time"].filter(
    (kind) => readlinkSync(`/proc/${pid}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`),
  );

function created(t: Test, box: OciBox, change: (config: Document) => void): { readonly id: string; readonly pid: number } {
  const id = `linux-${process.pid}-${made++}`;
  const { status, stderr } = box.oci(["create", "--bundle", box.bundle("sleep 100", change), id]);
  t.equal(status, 0, stderr);
  return { id, pid: box.state(id).pid };
}

t.test("Default Filesystems, Default Devices", options(), async (t) => {
  const box = openOciBox(t);
  const script =
    "stat -c '%n %t:%T %a' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; for link in ptmx fd stdin; do readlink /dev/$link; done; echo x > /dev/null && echo written";
  t.same(lines(t, box, script), [
    "/dev/null 1:3 666",
    "/dev/zero 1:5 666",
    "/dev/full 1:7 666",
    "/dev/random 1:8 666",
    "/dev/urandom 1:9 666",
    "/dev/tty 5:0 666",
    "pts/ptmx",
    "/proc/self/fd",
    "/proc/self/fd/0",
    "written",
  ]);
});

t.test("Namespaces: those listed are the container's own, all others the runtime's", options(), async (t) => {
  const box = openOciBox(t);
  const { pid } = created(t, box, (config) => {
    config.linux.namespaces = [{ type: "mount" }, { type: "pid" }, { type: "uts" }];
    config.mounts = config.mounts.filter(({ type }: Document) => type !== "sysfs" && type !== "mqueue");
  });
  t.same(kindsOf(pid), ["mnt", "pid", "uts"]);
});

t.test("Namespaces: by path, the container is in that one", options(), async (t) => {
  const box = openOciBox(t);
  const first = created(t, box, () => {});
  const second = created(t, box, (config) => {
    config.linux.namespaces = config.linux.namespaces.map(({ type }: Document) =>
      type === "mount" ? { type } : { type, path: `/proc/${first.pid}/ns/${type === "network" ? "net" : type}` },
    );
    config.hostname = undefined;
  });
  for (const kind of ["net", "pid", "ipc", "uts"])
    t.equal(readlinkSync(`/proc/${second.pid}/ns/${kind}`), readlinkSync(`/proc/${first.pid}/ns/${kind}`), kind);
  const { status, stderr } = box.oci([
    "create",
    "--bundle",
    box.bundle("true", (config) => {
      config.linux.namespaces = [{ type: "mount" }, { type: "network", path: "/no/such/namespace" }];
      config.hostname = undefined;
    }),
    "no-namespace",
  ]);
  t.equal(status, 1);
  t.match(stderr, /\/no\/such\/namespace/);
});

t.test("Namespaces: a path to one of another type is an error", options(), async (t) => {
  const box = openOciBox(t);
  for (const [type, other] of [
    ["cgroup", "ipc"],
    ["ipc", "mnt"],
    ["mount", "net"],
    ["network", "pid"],
    ["pid", "user"],
    ["time", "uts"],
    ["user", "uts"],
    ["uts", "cgroup"],
  ] as const) {
    const bundle = box.bundle("true", (config) => {
      const others = config.linux.namespaces.filter((namespace: Document) => namespace.type !== type);
      config.linux.namespaces = [...others, { type, path: `/proc/self/ns/${other}` }];
      if (type === "uts") config.hostname = undefined;
    });
    const { status, stderr } = box.oci(["create", "--bundle", bundle, `type-${type}`]);
    t.equal(status, 1, type);
    t.equal(box.oci(["state", `type-${type}`]).status, 1, stderr);
  }
});

t.test("User namespace: message queues and shared memory are its root's", options(), async (t) => {
  const box = openOciBox(t);
  const maps = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  const found = output(t, box, "stat -c '%u %g %a' /dev/mqueue /dev/shm", (config) => {
    config.linux.namespaces.push({ type: "user" });
    Object.assign(config.linux, { uidMappings: maps, gidMappings: maps });
    for (const mount of config.mounts) mount.options = mount.options?.filter((word: string) => word !== "gid=5");
  });
  t.equal(found, "0 0 1777\n0 0 1777");
});

t.test("User namespace mappings", options(), async (t) => {
  const box = openOciBox(t);
  const maps = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  const script = "cat /proc/self/uid_map /proc/self/gid_map; id -u; touch /tmp/own && stat -c %u /tmp/own";
  const found = lines(t, box, script, (config) => {
    config.linux.namespaces.push({ type: "user" });
    Object.assign(config.linux, { uidMappings: maps, gidMappings: maps });
    config.mounts.push({ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] });
  });
  t.same(
    found.map((line) => line.trim().replaceAll(/\s+/g, " ")),
    ["0 100000 1000", "0 100000 1000", "0", "0"],
  );
});

t.test("Offset for Time Namespace", options(), async (t) => {
  const box = openOciBox(t);
  const found = output(t, box, "cut -d. -f1 /proc/uptime", (config) => {
    config.linux.namespaces.push({ type: "time" });
    config.linux.timeOffsets = { boottime: { secs: 1_000_000, nanosecs: 0 } };
  });
  const here = Number(readFileSync("/proc/uptime", "utf8").split(".")[0]);
  t.ok(Number(found) >= here + 999_000 && Number(found) <= here + 1_001_000, `${found} is a million seconds after ${here}`);
});

t.test("Devices: nodes with their modes and owners", options(), async (t) => {
  const box = openOciBox(t);
  const script = "stat -c '%F %t:%T %a %u:%g' /dev/own /dev/pipe; readlink /dev/own || true";
  const found = lines(t, box, script, (config) => {
    config.linux.devices = [
      { path: "/dev/own", type: "c", major: 1, minor: 5, fileMode: 0o640, uid: 5, gid: 7 },
      { path: "/dev/pipe", type: "p", fileMode: 0o600 },
    ];
  });
  t.same(found, ["character special file 1:5 640 5:7", "fifo 0:0 600 0:0"]);
});

t.test("Devices: what is there already has to be that device", options(), async (t) => {
  const box = openOciBox(t);
  const withDevice = (type: "c" | "p", name: string) => (config: Document, bundle: string) => {
    spawnSync("mknod", [`${bundle}/rootfs/node`, "c", "1", "5"]);
    writeFileSync(`${bundle}/rootfs/file`, "kept\n");
    config.linux.devices = [{ path: `/${name}`, type, major: 1, minor: 5 }];
  };
  t.equal(output(t, box, "stat -c %t:%T /node", withDevice("c", "node")), "1:5");
  for (const change of [withDevice("c", "file"), withDevice("p", "node")]) {
    const bundle = box.bundle("true", change);
    const { status, stderr } = box.oci(["create", "--bundle", bundle, "mismatch"]);
    t.equal(status, 1);
    t.match(stderr, /\/(file|node)/);
    t.equal(readFileSync(`${bundle}/rootfs/file`, "utf8"), "kept\n", "and stays as it is");
  }
});

t.test("Dev symbolic links, File descriptors: the three streams and no other", options(), async (t) => {
  const box = openOciBox(t);
  const script =
    "for link in fd stdin stdout stderr; do readlink /dev/$link; done; for fd in $(seq 0 255); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true";
  t.same(lines(t, box, script), ["/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", "0", "1", "2"]);
});

t.test("Allowed Device list: in its order", options(), async (t) => {
  const box = openOciBox(t);
  const script =
    "mknod /tmp/n c 10 229 2>/dev/null && echo made; cat /dev/kmsg2 >/dev/null 2>&1 || echo refused; head -c1 /dev/zero | wc -c";
  const found = lines(t, box, script, (config) => {
    config.linux.devices = [{ path: "/dev/kmsg2", type: "c", major: 1, minor: 11, fileMode: 0o666 }];
    config.linux.resources = { devices: [{ allow: false, access: "rwm" }] };
  });
  t.same(
    found.filter((line) => line !== "made"),
    ["refused", "1"],
  );
});

t.test("Control groups: cgroupsPath and resources", options(), async (t) => {
  const box = openOciBox(t);
  const path = `/tsns-test-linux-${process.pid}/one`;
  const { pid } = created(t, box, (config) => {
    config.linux.cgroupsPath = path;
    config.linux.resources = { memory: { limit: 67_108_864 }, cpu: { shares: 512 }, pids: { limit: 77 } };
  });
  const membership = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  t.match(membership, path);
  const file = (controller: string, legacy: string, unified: string) =>
    [`/sys/fs/cgroup/${controller}${path}/${legacy}`, `/sys/fs/cgroup${path}/${unified}`]
      .filter((one) => existsSync(one))
      .map((one) => readFileSync(one, "utf8").trim());
  t.same(file("memory", "memory.limit_in_bytes", "memory.max"), ["67108864"]);
  t.same(file("pids", "pids.max", "pids.max"), ["77"]);
  t.match(file("cpu", "cpu.shares", "cpu.weight")[0], /^(512|59)$/);
  t.teardown(async () => {
    const { readdirSync, rmdirSync } = await import("node:fs");
    for (const name of ["", ...readdirSync("/sys/fs/cgroup")]) {
      const parent = `/sys/fs/cgroup/${name}/tsns-test-linux-${process.pid}`;
      if (existsSync(parent)) rmdirSync(parent);
    }
  });
  for (const id of [`linux-${process.pid}-${made - 1}`]) t.equal(box.oci(["delete", "--force", id]).status, 0);
});

t.test("Sysctl", options(), async (t) => {
  const box = openOciBox(t);
  const found = output(t, box, "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced", (config) => {
    config.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1" };
  });
  t.equal(found, "1\n1");
});

t.test("Sysctl: one that would be the host's is an error", options(), async (t) => {
  const box = openOciBox(t);
  const cases: readonly (readonly [key: string, type: string, path?: string])[] = [
    ["net.ipv4.ip_forward", "network"],
    ["net.ipv4.ip_forward", "network", "/proc/self/ns/net"],
    ["kernel.msgmax", "ipc"],
    ["fs.mqueue.msg_max", "ipc", "/proc/self/ns/ipc"],
    ["kernel.domainname", "uts"],
    ["kernel.domainname", "uts", "/proc/self/ns/uts"],
    ["kernel.hostname", "none"],
    ["kernel.panic", "none"],
  ];
  for (const [key, type, path] of cases) {
    const bundle = box.bundle("true", (config) => {
      const others = config.linux.namespaces.filter((namespace: Document) => namespace.type !== type);
      config.linux.namespaces = [...others, ...(path ? [{ type, path }] : [])];
      config.mounts = config.mounts.filter((mount: Document) => mount.type !== "sysfs" && mount.type !== "mqueue");
      if (type === "uts") config.hostname = undefined;
      config.linux.sysctl = { [key]: "1" };
    });
    const { status, stderr } = box.oci(["create", "--bundle", bundle, "sysctl"]);
    t.equal(status, 1, `${key} ${path ?? type}`);
    t.match(stderr, `linux.sysctl["${key}"]`);
  }
});

t.test("Seccomp: actions, errno, arguments", options(), async (t) => {
  const box = openOciBox(t);
  const script = "mkdir /tmp/d 2>&1; chmod 0700 /tmp 2>&1; chmod 0755 /tmp && echo changed";
  const found = lines(t, box, script, (config) => {
    config.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
      syscalls: [
        { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 },
        { names: ["chmod"], action: "SCMP_ACT_ERRNO", args: [{ index: 1, value: 0o700, op: "SCMP_CMP_EQ" }] },
        { names: ["fchmodat"], action: "SCMP_ACT_ERRNO", args: [{ index: 2, value: 0o700, op: "SCMP_CMP_EQ" }] },
      ],
    };
  });
  t.match(found[0], /No space left/);
  t.match(found[1], /not permitted/);
  t.equal(found[2], "changed");
});

t.test("Rootfs Mount Propagation", options(), async (t) => {
  const box = openOciBox(t);
  for (const [word, pattern] of [
    ["shared", / \/ .* shared:\d+ /],
    ["slave", / \/ [^ ]+ (master:\d+ )?- /],
    ["private", / \/ [^ ]+ - /],
    ["unbindable", / \/ [^ ]+ unbindable - /],
  ] as const) {
    const found = output(
      t,
      box,
      "grep ' / / \\| / [^/]* rw' /proc/self/mountinfo | head -1; grep -m1 -E '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / ' /proc/self/mountinfo",
      (config) => {
        config.linux.rootfsPropagation = word;
      },
    );
    t.match(found.split("\n").at(-1), pattern, word);
  }
});

t.test("Masked Paths, Readonly Paths", options(), async (t) => {
  const box = openOciBox(t);
  const script = "cat /secret; ls /hidden | wc -l; echo x 2>/dev/null > /kept || echo refused; cat /kept";
  const bundle = box.bundle(script, (config) => {
    config.linux.maskedPaths = ["/secret", "/hidden", "/not/there"];
    config.linux.readonlyPaths = ["/kept", "/not/there"];
  });
  writeFileSync(`${bundle}/rootfs/secret`, "s\n");
  writeFileSync(`${bundle}/rootfs/kept`, "k\n");
  mkdirSync(`${bundle}/rootfs/hidden/a`, { recursive: true });
  const { stdout } = box.oci(["run", "--bundle", bundle, "masked"]);
  t.same(stdout.trim().split("\n"), ["0", "refused", "k"]);
});

t.test("Masked Paths: directories, what is in them, devices and links, by what the container has itself", options(), async (t) => {
  const box = openOciBox(t);
  const script =
    "cat /dir/sub/file; ls /dir; touch /dir/new 2>/dev/null || echo refused; for f in /file /node /link; do stat -L -c '%t:%T' $f; done; grep -c '/null /\\(file\\|node\\|target\\) .* tmpfs tmpfs ' /proc/self/mountinfo";
  const found = lines(t, box, script, (config, bundle) => {
    const root = `${bundle}/rootfs`;
    mkdirSync(`${root}/dir/sub`, { recursive: true });
    for (const name of ["dir/sub/file", "file", "target"]) writeFileSync(`${root}/${name}`, "secret\n");
    spawnSync("mknod", [`${root}/node`, "b", "7", "200"]);
    symlinkSync("target", `${root}/link`);
    config.linux.maskedPaths = ["/dir", "/dir/sub", "/dir/sub/file", "/file", "/node", "/link", "/none", "/none/below"];
  });
  t.same(found, ["refused", "1:3", "1:3", "1:3", "3"]);
  const loop = box.bundle("true", (config, bundle) => {
    symlinkSync("loop", `${bundle}/rootfs/loop`);
    config.linux.maskedPaths = ["/loop"];
  });
  t.equal(box.oci(["create", "--bundle", loop, "loop"]).status, 1, "a path that leads nowhere for good is an error");
});

t.test("Personality", options(), async (t) => {
  const box = openOciBox(t);
  const found = output(t, box, "uname -m; cat /proc/self/personality", (config) => {
    config.linux.personality = { domain: "LINUX32" };
  });
  t.match(found, /^(i[3-6]86|armv[78]l)\n00000008$/);
});

t.test("IntelRdt is refused clearly", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", (config) => {
    config.linux.intelRdt = { closID: "one", l3CacheSchema: "L3:0=f" };
  });
  const { status, stderr } = box.oci(["create", "--bundle", bundle, "rdt"]);
  t.equal(status, 1);
  t.match(stderr, /intelRdt/);
});

t.test("Mounts: recursive attributes, what lies below a tmpfs, ids of another", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true");
  const change = (config: Document) => {
    config.mounts.push(
      { destination: "/etc", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] },
      {
        destination: "/mapped",
        type: "bind",
        source: `${bundle}/rootfs/bin`,
        options: ["bind", "idmap"],
        uidMappings: [{ containerID: 0, hostID: 4000, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 4000, size: 1 }],
      },
    );
  };
  const found = lines(t, box, "grep -c root /etc/passwd; touch /etc/new && echo written; stat -c %u /mapped/busybox", change);
  t.same(found, ["1", "written", "4000"]);
});

t.test("kill --all reaches every process of the container", options(), async (t) => {
  const box = openOciBox(t);
  const id = `linux-${process.pid}-${made++}`;
  const bundle = box.bundle("sleep 101 & sleep 102 & wait", (config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: Document) => type !== "pid");
  });
  t.equal(box.oci(["run", "--detach", "--bundle", bundle, id]).status, 0);
  const { pid } = box.state(id);
  t.ok(statSync(`/proc/${pid}`));
  t.equal(box.oci(["kill", "--all", id, "KILL"]).status, 0);
  t.equal(box.oci(["delete", "--force", id]).status, 0);
  const ps = spawn("ps", ["-eo", "args"]);
  let text = "";
  for await (const chunk of ps.stdout) text += chunk;
  t.notMatch(text, /sleep 10[12]$/m);
});
