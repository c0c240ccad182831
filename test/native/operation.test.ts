// Operations that make a container's view: names, paths, mounts, kernel settings. Seen from inside a container.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CLONE, MOUNT_ATTR, MS, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { type Box, cloneFlags, errorLine, makeBox, makePlan, outputOf, runAttached, u32 } from "./sandbox.ts";

/** The error a plan with these operations ends with. */
const errorOf = (box: Box, inside: readonly Operation[]) => errorLine(runAttached(box, makePlan(box, ["true"], { inside })).report);

t.test("namespaces, names and process 1", needRoot, async (t) => {
  const box = makeBox(t);
  const inside: Operation[] = [
    ["hostname", "box"],
    ["domainname", "example"],
  ];
  t.equal(outputOf(box, "hostname; cat /proc/sys/kernel/domainname; echo $$", { inside }), "box\nexample\n1\n");
  t.equal(outputOf(box, "ls /proc/sys/net/ipv4/conf; pwd; ls /proc/1/root/bin | grep -c busybox"), "all\ndefault\nlo\n/\n1\n");
  const own = (kind: string) => spawnSync("readlink", [`/proc/self/ns/${kind}`], { encoding: "utf8" }).stdout;
  for (const kind of ["mnt", "pid", "net", "ipc", "uts"]) t.not(outputOf(box, `readlink /proc/self/ns/${kind}`), own(kind), kind);
  t.equal(outputOf(box, "readlink /proc/self/ns/net", { flags: cloneFlags & ~CLONE.NEWNET }), own("net"));
  const after: Operation[] = [["unshare", `${CLONE.NEWCGROUP}`]];
  t.not(outputOf(box, "readlink /proc/self/ns/cgroup", { after }), own("cgroup"));
});

t.test("directories, files, links and nodes are made inside the root, whatever its links say", needRoot, async (t) => {
  const box = makeBox(t);
  const outside = join(box.dir, "outside");
  mkdirSync(outside);
  symlinkSync(outside, join(box.root, "absolute"));
  symlinkSync("../../../../../../..", join(box.root, "upward"));
  symlinkSync("run/late/file", join(box.root, "etc/dangling"));
  symlinkSync("/var/run/late", join(box.root, "home/dangling"));
  const inside: Operation[] = [
    ["mkdir-at", "/a/b/c", "1777"],
    ["mkdir-at", "/a/b/c", "700"],
    ["mkdir-at", "/absolute/inner", "755"],
    ["mkdir-at", "/upward/climbed/x", "755"],
    ["touch-at", "/../../e/f/file", "640"],
    ["touch-at", "/etc/dangling", "644"],
    ["mkdir-at", "/home/dangling/deep", "755"],
    ["symlink-at", "wrong", "/link"],
    ["symlink-at", "right", "/link"],
    ["mknod-at", "/dev/zero", "20666", "1", "5"],
    ["mknod-at", "/dev/zero", "20640", "1", "5"],
  ];
  const script =
    "stat -c '%A %n' /a/b/c /e/f/file /dev/zero; readlink /link; ls -d /climbed/x /etc/run/late/file /var/run/late/deep; head -c 2 /dev/zero | wc -c";
  t.equal(
    outputOf(box, script, { inside }),
    "drwxrwxrwt /a/b/c\n-rw-r----- /e/f/file\ncrw-r----- /dev/zero\nright\n/climbed/x\n/etc/run/late/file\n/var/run/late/deep\n2\n",
  );
  t.notOk(existsSync(join(outside, "inner")), "nothing beyond the root");
  t.ok(existsSync(join(box.root, outside, "inner")), "the absolute link counts from the root");
  t.match(errorOf(box, [["symlink-at", "x", "/etc/passwd"]]), /^error \d+ symlink-at symlinkat EEXIST \/etc\/passwd$/);
  t.match(errorOf(box, [["mkdir-at", "/etc/passwd/x", "755"]]), /^error \d+ mkdir-at mkdirat ENOTDIR \/etc\/passwd\/x$/);
  symlinkSync("loop", join(box.root, "loop"));
  t.match(errorOf(box, [["mkdir-at", "/loop/x", "755"]]), / ELOOP /);
});

t.test("bind mounts", needRoot, async (t) => {
  const box = makeBox(t);
  const data = join(box.dir, "data");
  mkdirSync(join(data, "sub"), { recursive: true });
  writeFileSync(join(data, "file"), "content\n");
  symlinkSync("/etc", join(box.root, "conf"));
  const inside: Operation[] = [
    ["bind-at", data, "/new/place", "0", "1", "0"],
    ["bind-at", data, "/ro", `${MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOEXEC}`, "0", `${MS.SLAVE}`],
    ["bind-at", join(data, "file"), "/conf/file", "0", "0", "0"],
  ];
  const script =
    "cat /etc/file /new/place/file; echo more > /new/place/made; echo no > /ro/no; grep ' /ro ' /proc/self/mountinfo | cut -d' ' -f6";
  t.equal(outputOf(box, script, { inside }), "content\ncontent\nro,noexec,relatime\nsh: can't create /ro/no: Read-only file system\n");
  t.equal(readFileSync(join(data, "made"), "utf8"), "more\n");
  t.match(errorOf(box, [["bind-at", join(box.dir, "none"), "/x", "0", "0", "0"]]), / bind-at open_tree ENOENT .*\/none$/);
  t.match(errorOf(box, [["bind-at", data, "/etc/passwd", "0", "0", "0"]]), / bind-at \w+ ENOTDIR \/etc\/passwd$/);
});

t.test("what lies below a directory, wherever its links lead", needRoot, async (t) => {
  const box = makeBox(t);
  const data = join(box.dir, "data");
  mkdirSync(join(data, "sub", "deep"), { recursive: true });
  writeFileSync(join(data, "sub", "file"), "content\n");
  symlinkSync("sub/deep/..", join(data, "inner"));
  symlinkSync("../data/sub", join(data, "out"));
  symlinkSync("/etc", join(data, "absolute"));
  const bound = (below: string, at = "/at") => ({
    monitor: [["open-tree", "150", data, "1", below]] satisfies Operation[],
    inside: [["bind-tree-at", "150", at, "0", "1", "0"]] satisfies Operation[],
  });
  t.equal(outputOf(box, "cat /at/file", bound("sub")), "content\n");
  t.equal(outputOf(box, "cat /at/file", bound("inner")), "content\n");
  t.equal(outputOf(box, "cat /file", bound("sub/file", "/file")), "content\n");
  for (const [below, errno] of [
    ["out", "EXDEV"],
    ["absolute", "EXDEV"],
    ["../box", "EXDEV"],
    ["none", "ENOENT"],
  ] as const)
    t.match(errorLine(runAttached(box, makePlan(box, ["true"], bound(below))).report), ` open-tree openat2 ${errno} ${below}`, below);
});

t.test("a read-only bind whose mounts below can be written", needRoot, async (t) => {
  const box = makeBox(t);
  const data = join(box.dir, "data");
  mkdirSync(join(data, "below"), { recursive: true });
  const monitor: Operation[] = [
    ["unshare", `${CLONE.NEWNS}`],
    ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
    ["mount", "tmpfs", join(data, "below"), "tmpfs", "0", ""],
  ];
  const script = "touch /at/x 2>/dev/null || echo top; touch /at/below/x 2>/dev/null || echo below";
  const seen = (recursive: string) =>
    outputOf(box, script, { monitor, inside: [["bind-at", data, "/at", `${MOUNT_ATTR.RDONLY}`, recursive, `${MS.PRIVATE}`]] });
  t.equal(seen("2"), "top\n");
  t.equal(seen("1"), "top\nbelow\n");
});

t.test("masked, read-only and remounted paths", needRoot, async (t) => {
  const box = makeBox(t);
  writeFileSync(join(box.root, "home/secret"), "secret");
  const inside: Operation[] = [
    ["mask-at", "/home"],
    ["mask-at", "/proc/version"],
    ["mask-at", "/no/such/path"],
    ["readonly-at", "/proc/sys"],
    ["readonly-at", "/no/such/path"],
    ["remount-at", "/", `${MS.RDONLY | MS.NOSUID}`],
  ];
  const script =
    "ls -A /home; cat /proc/version; echo x > /home/y; echo 0 > /proc/sys/net/ipv4/ip_forward; touch /x; awk '$5 == \"/\" {print $6}' /proc/self/mountinfo";
  t.equal(
    outputOf(box, `(${script}) 2>&1`, { inside }),
    "sh: can't create /home/y: Read-only file system\nsh: can't create /proc/sys/net/ipv4/ip_forward: Read-only file system\ntouch: /x: Read-only file system\nro,nosuid,relatime\n",
  );
});

t.test("mount, sysctl, write, and what fails", needRoot, async (t) => {
  const box = makeBox(t);
  const inside: Operation[] = [
    ["sysctl", "net.ipv4.ip_forward", "1"],
    ["sysctl", "net/ipv4/conf/lo/forwarding", "0"],
    ["mount-at", "tmpfs", "/tmp", "tmpfs", `${MS.NODEV}`, "size=64k,mode=1755"],
  ];
  const after: Operation[] = [["write", "/etc/group", "written"]];
  const script = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/lo/forwarding; stat -c %a /tmp; head -c 7 /etc/group";
  t.equal(outputOf(box, script, { inside, after }), "1\n0\n1755\nwritten");
  t.match(errorOf(box, [["sysctl", "net.no.such", "1"]]), /^error \d+ sysctl write ENOENT net\.no\.such$/);
  t.match(errorOf(box, [["sysctl", "../../etc/passwd", "1"]]), / sysctl parse EINVAL /);
  t.match(errorOf(box, [["mount-at", "none", "/tmp", "nosuchfs", "0", ""]]), / mount-at mount ENODEV \/tmp$/);
  t.match(errorOf(box, [["mount-at", "none", "/nowhere", "tmpfs", "0", ""]]), / mount-at openat2 ENOENT \/nowhere$/);
  t.match(errorOf(box, [["root", "/etc/passwd"]]), / root open ENOTDIR /);
});

const hex = (...parts: Uint8Array[]) => Buffer.concat(parts).toString("hex");
/** RTM_NEWLINK that sets IFF_UP on a link (rtnetlink(7)). */
const linkUp = (index: number) => {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(32, 0);
  head.writeUInt16LE(16, 4);
  head.writeUInt16LE(1, 6);
  return hex(head, u32(0, index, 1, 1));
};

t.test("netlink messages, one or several, in the new network namespace", needRoot, async (t) => {
  const box = makeBox(t);
  const inside: Operation[] = [
    ["netlink-socket", "120"],
    ["netlink", "120", linkUp(1)],
  ];
  t.match(outputOf(box, "ip link show lo", { inside }), /LOOPBACK,UP/);
  t.equal(outputOf(box, "echo fine", { inside: [...inside, ["netlink", "120", linkUp(1) + linkUp(1)]] }), "fine\n");
  t.match(errorOf(box, [...inside, ["netlink", "120", linkUp(4242)]]), /^error \d+ netlink netlink ENODEV/);
  t.match(errorOf(box, [...inside, ["netlink", "120", linkUp(1) + linkUp(4242) + linkUp(1)]]), / netlink netlink ENODEV/);
  t.match(errorOf(box, [...inside, ["netlink", "120", "ff"]]), / netlink parse EINVAL /);
  t.match(errorOf(box, [["netlink", "121", linkUp(1)]]), / netlink send EBADF /);
});

t.test("a file system image on a loop device of the monitor's own mount namespace", needRoot, async (t) => {
  const box = makeBox(t);
  const image = join(box.dir, "image");
  const target = join(box.dir, "target");
  mkdirSync(target);
  t.equal(spawnSync("mkfs.ext4", ["-q", image, "4m"]).status, 0);
  const monitor: Operation[] = [
    ["unshare", `${CLONE.NEWNS}`],
    ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
    ["loop-mount", image, target, "ext4", "nosuid,noatime,errors=continue"],
    ["mkdir", join(target, "upper"), "750"],
    ["mkdir", join(target, "upper"), "750"],
  ];
  const inside: Operation[] = [["bind-at", join(target, "upper"), "/data", "0", "0", "0"]];
  t.match(
    outputOf(box, "echo x > /data/x; stat -c %a /data; grep ' /data ' /proc/self/mountinfo", { monitor, inside }),
    /^750\n.*nosuid,noatime.* - ext4/,
  );
  t.notOk(existsSync(join(target, "upper")), "not mounted on the host");
  const broken: Operation[] = [...monitor.slice(0, 2), ["loop-mount", join(box.dir, "none"), target, "ext4", "ro"]];
  t.match(errorLine(runAttached(box, makePlan(box, ["true"], { monitor: broken })).report), / loop-mount open ENOENT .*none$/);
});

t.test("a plan without clone only performs its operations", needRoot, async (t) => {
  const box = makeBox(t);
  const made = join(box.dir, "made");
  const result = runAttached(box, [["mkdir", made, "700"], ["end"]]);
  t.match(result, { code: 0, report: "done\n" });
  t.ok(existsSync(made));
  t.match(runAttached(box, [["mkdir", `${made}/x/y`, "700"], ["end"]]), { code: 125, report: `error 0 mkdir mkdir ENOENT ${made}/x/y\n` });
});

t.test("a mount of another process's mount namespace", needRoot, async (t) => {
  const box = makeBox(t);
  const place = join(box.dir, "place");
  mkdirSync(place);
  symlinkSync(place, join(box.dir, "link"));
  const script = 'mount -t tmpfs -o noexec tmpfs "$0" && echo theirs > "$0/file" && echo up && exec sleep 1000';
  const other = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", script, place], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => other.kill("SIGKILL"));
  await once(other.stdout, "data");
  const start =
    readFileSync(`/proc/${other.pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ")[19] ?? "";
  const bound = (startTime: string, path: string) => ({
    monitor: [["open-tree-pid", "150", `${other.pid}`, startTime, path]] satisfies Operation[],
    inside: [["bind-tree-at", "150", "/home", "0", "0", `${MS.PRIVATE}`]] satisfies Operation[],
  });
  const seen = "cat /home/file; echo ours > /home/answer; grep ' /home ' /proc/mounts | grep -c noexec";
  t.equal(outputOf(box, seen, bound(start, place)), "theirs\n1\n");
  t.equal(readFileSync(`/proc/${other.pid}/root${place}/answer`, "utf8"), "ours\n");
  t.notOk(existsSync(join(place, "answer")), "outside nothing is mounted");
  const refused = (startTime: string, path: string) => errorLine(runAttached(box, makePlan(box, ["true"], bound(startTime, path))).report);
  t.match(refused("1", place), new RegExp(` open-tree-pid pidfd_open ESRCH ${other.pid}$`));
  t.match(refused(start, join(box.dir, "link")), / open-tree-pid open_tree ELOOP /);
  t.match(refused(start, join(place, "none")), / open-tree-pid open_tree ENOENT /);
});

t.test("a time namespace: what is started is in it, the monitor is not", needRoot, async (t) => {
  const box = makeBox(t);
  const monitor: Operation[] = [
    ["unshare", "128"],
    ["write", "/proc/self/timens_offsets", "monotonic 864000 0\nboottime 864000 0\n"],
  ];
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  t.ok(Number(outputOf(box, "cut -d' ' -f1 /proc/uptime", { monitor })) >= uptime + 864_000);
  const own = readlinkSync("/proc/self/ns/time");
  t.not(outputOf(box, "readlink /proc/self/ns/time", { monitor }), `${own}\n`);
  const mark = join(box.dir, "mark");
  const leave: Operation[] = [
    ...monitor,
    ["on-exit", "/bin/sh", "-c", `readlink /proc/self/ns/time > ${mark}.new; mv ${mark}.new ${mark}`],
  ];
  runAttached(box, makePlan(box, ["true"], { state: true, monitor: leave }));
  await waitFor("what runs at the end", () => existsSync(mark));
  t.equal(readFileSync(mark, "utf8"), `${own}\n`, "what it runs at the end is where it began");
});
