// Ways out of containers that once worked somewhere, over what the kernel offers: its settings, cgroups, namespaces, other processes.
import { existsSync, readFileSync } from "node:fs";
import { image, inside, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { makeProbe } from "../fixture/probe.ts";

const scenario = sharingRoot(process.getuid?.() === 0 ? [makeProbe()] : []);

/** What can be asked for short of --privileged. */
const admin = ["--cap-add", "SYS_ADMIN"];
const unfiltered = ["--security-opt", "seccomp=unconfined"];

scenario("the kernel's settings cannot be written", async (t, root) => {
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "latin1");
  const files = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/swappiness",
    "/proc/sysrq-trigger",
    "/proc/irq/0/smp_affinity",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
  ];
  // a word that none of them takes, should one be open for writing
  const write = `for f in ${files.filter((file) => existsSync(file)).join(" ")}; do (echo tsns-no-such > $f) 2>/dev/null && echo "wrote $f"; done; echo end`;
  for (const options of [[], ["--userns", "private"], unfiltered, [...unfiltered, "--userns", "private"], ["--cap-add", "NET_ADMIN"]]) {
    t.equal(await inside(root, write, options), "end", options.join(" "));
  }
  t.equal(readFileSync("/proc/sys/kernel/core_pattern", "latin1"), pattern);
});

scenario("what is read-only or hidden stays so without CAP_SYS_ADMIN", async (t, root) => {
  const attempts = [
    "mount -o remount,rw,bind /proc/sys",
    "umount /proc/sys",
    "umount /proc/sysrq-trigger",
    "umount /proc/kcore",
    "mkdir /tmp/p; mount -t proc proc /tmp/p",
    "mkdir /tmp/s; mount -t sysfs sysfs /tmp/s",
    "mount -o remount,rw /sys/fs/cgroup",
    "mount --bind /proc /tmp",
    "mount -t cgroup2 none /tmp",
  ];
  const script = attempts.map((words) => `(${words}) >/dev/null 2>&1 && echo '${words}'`).join("\n");
  t.equal(await inside(root, `${script}\necho end`), "end");
  t.equal(await inside(root, `${script}\necho end`, unfiltered), "end", "capabilities refuse it, too");
});

scenario("a user namespace of its own brings nothing", async (t, root) => {
  t.match(await root.tsns(["run", "--rm", "--network", "none", image, "unshare", "-Ur", "true"]), { stderr: /Operation not permitted/ });
  // without the filter one can be had, and with it all capabilities over what is made there
  const attempts = [
    "mount -o remount,rw,bind /proc/sys",
    "umount /proc/sys",
    "umount /proc/kcore",
    "mount -t proc proc /tmp",
    "mount -t sysfs sysfs /tmp",
    "echo 0 > /proc/sys/vm/swappiness",
    "echo h > /proc/sysrq-trigger",
    "mount -t cgroup -o memory cgroup /tmp && ls /tmp/release_agent",
    "mknod /tmp/null c 1 3 && cat /tmp/null",
  ];
  const script = attempts.map((words) => `(${words}) >/dev/null 2>&1 && echo "${words}"`).join("; ");
  const { code, stdout } = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    ...unfiltered,
    image,
    "unshare",
    "-Urm",
    "sh",
    "-c",
    `${script}; echo end`,
  ]);
  t.ok(stdout === "end\n" || (code !== 0 && stdout === ""), stdout);
});

scenario("release_agent", async (t, root) => {
  const find = "find /sys/fs/cgroup -maxdepth 2 -name release_agent | wc -l";
  t.equal(await inside(root, find), "0");
  t.match(await inside(root, "mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x 2>&1; true"), /Read-only file system/);
  // one that nobody has mounted here is warned of
  const mountinfo = readFileSync("/proc/self/mountinfo", "latin1");
  const hierarchies = (await inside(root, "cut -d: -f2 /proc/self/cgroup"))
    .split("\n")
    .filter((name) => name !== "" && new RegExp(` - cgroup \\S+ .*\\b${name.split(",")[0]}\\b`).test(mountinfo));
  const kinds = hierarchies.length > 0 ? hierarchies.map((name) => `cgroup -o ${name}`) : ["cgroup2"];
  const mounts = kinds.map(
    (kind) => `mkdir -p /tmp/g; mount -t ${kind} cgroup /tmp/g && { echo mounted; ls /tmp/g/release_agent; umount /tmp/g; }`,
  );
  const script = `(${[...mounts, "true"].join("\n")}) 2>/dev/null`;
  t.notMatch(await inside(root, script), /mounted/);
  for (const options of [admin, [...admin, ...unfiltered], [...unfiltered, "--userns", "private"]])
    t.notMatch(await inside(root, script, options), /release_agent/, options.join(" "));
  // CLONE_NEWUSER, NEWNS and NEWCGROUP: a cgroup namespace that begins where the process is
  const apart = ["probe", "unshare", "0x12020000", "sh", "-c", script];
  const unshared = await root.ok(["run", "--rm", "--network", "none", ...unfiltered, image, ...apart]);
  t.match(unshared, /mounted/, "in a user namespace of its own it can mount as well");
  t.notMatch(unshared, /release_agent/);
  await root.ok(["run", "-d", "--name", "entered", "--network", "none", ...admin, image, "sleep", "1000"]);
  const entered = await root.ok(["exec", "entered", "probe", "unshare", "0x2020000", "sh", "-c", script]);
  t.notMatch(entered, /release_agent/, "nor what exec starts");
  await root.ok(["rm", "-f", "entered"]);
  const mounted = await inside(root, script, admin);
  t.match(mounted, /mounted/, "with CAP_SYS_ADMIN a hierarchy can be mounted");
  t.notMatch(mounted, /release_agent/, "but it begins at the container's own group, which has no such file");
  const fresh = "mkdir -p /tmp/g; mount -t cgroup -o none,name=tsnsescape,release_agent=/x cgroup /tmp/g 2>&1; ls /tmp/g; true";
  t.match(
    await inside(root, fresh, admin),
    /Operation not permitted|permission denied|Invalid argument/i,
    "nor can a hierarchy be made from inside",
  );
});

scenario("no namespace of the host's can be entered", async (t, root) => {
  const relatives = "for k in pid user; do for w in parent owner; do probe $w /proc/1/ns/$k; done; done";
  t.match(await inside(root, relatives, [...admin, ...unfiltered]), /^EPERM\n(ok|EPERM)\nEPERM\n(ok|EPERM)$/, "no way up from its own");
  t.match(await inside(root, relatives, [...unfiltered, "--userns", "private"]), /^EPERM\nok\nEPERM\nEPERM$/);
  t.equal(await inside(root, "probe call 308 -1 0; probe call 304 -1 0 0"), "EPERM\nEPERM", "setns, open_by_handle_at");
  // process 1 of the host is visible with --pid host, not what it has open
  const words = `for k in mount net user; do nsenter -t 1 --$k true && echo entered; done 2>/dev/null
(readlink /proc/1/ns/mnt /proc/1/fd/0; ls /proc/1/root/etc) 2>/dev/null; echo end`;
  for (const more of [[], unfiltered]) t.equal(await inside(root, words, ["--pid", "host", ...more]), "end");
});

scenario("processes of another container are neither seen, traced nor killed", async (t, root) => {
  for (const name of ["first", "second"])
    await root.ok(["run", "-d", "--name", name, "--network", "none", image, "sh", "-c", "echo up; exec sleep 1000"]);
  await untilLogged(root, "first", /up/);
  const target = await pidOf(root, "first");
  const script = (pid: number) => `probe kill ${pid}; probe attach ${pid}; ls /proc/${pid} 2>&1 | head -n 1`;
  t.match(await root.ok(["exec", "second", "sh", "-c", script(target)]), /^ESRCH\nESRCH\nls: .*No such file/);
  await root.ok(["exec", "second", "sh", "-c", "kill -9 -1; true"]).catch(() => "the shell itself may be meant");
  t.equal(await root.ok(["inspect", "--format", "{{.State.Running}}", "first"]), "true");
  t.equal(await root.ok(["exec", "first", "echo", "alive"]), "alive");
  await root.ok(["rm", "-f", "first", "second"]);
});

scenario("with the host's processes in sight, those with more rights are not to be traced", async (t, root) => {
  await root.ok(["run", "-d", "--name", "watched", "--network", "none", image, "sleep", "1000"]);
  const monitor = readFileSync(`/proc/${await pidOf(root, "watched")}/status`, "latin1").match(/^PPid:\s*(\d+)/m)?.[1];
  const script = `probe attach ${monitor}; cat /proc/${monitor}/environ 2>/dev/null | wc -c`;
  t.equal(await inside(root, script, ["--pid", "host"]), "EPERM\n0");
  t.equal(await inside(root, script, ["--pid", "host", ...unfiltered]), "EPERM\n0");
  t.equal(await inside(root, `probe kill ${await pidOf(root, "watched")}`, ["--pid", "host", "-u", "nobody"]), "EPERM");
  await root.ok(["rm", "-f", "watched"]);
});
