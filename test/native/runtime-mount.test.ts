// Operations on mounts that docker has no word for: attributes of what is mounted, other ways into the root, fifos.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { MOUNT_ATTR, MS, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { type Box, cloneFlags, errorLine, makeBox, makePlan, outputOf, runAttached } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };

const tmpfs = (path: string, flags = 0): Operation[] => [
  ["mkdir-at", path, "755"],
  ["mount-at", "tmpfs", path, "tmpfs", `${flags}`, ""],
];
const set = (path: string, on: number, off = 0, recursive: 0 | 1 = 0, propagation = 0): Operation => [
  "mount-set-at",
  path,
  `${on}`,
  `${off}`,
  `${recursive}`,
  `${propagation}`,
];
const { RDONLY, NOSUID, NOEXEC, NOATIME, STRICTATIME, ATIME } = MOUNT_ATTR;

/** Per-mount options, by mount point, of what is mounted below /mnt. */
const optionsBelow =
  "sed -n 's,^[^ ]* [^ ]* [^ ]* / \\(/mnt[^ ]*\\) \\([^ ]*\\) \\([a-z:0-9 ]*\\)- .*,\\1 \\2 \\3,p' /proc/self/mountinfo | sed 's/[0-9]*//g; s/ *$//'";

t.test("attributes of what is mounted: one, all below, what spreads", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const seen = (...change: Operation[]) =>
    outputOf(box, optionsBelow, { inside: [...tmpfs("/mnt", MS.NOSUID), ...tmpfs("/mnt/in"), ...change] });
  t.equal(seen(set("/mnt", RDONLY | NOEXEC)), "/mnt ro,nosuid,noexec,relatime\n/mnt/in rw,relatime\n");
  t.equal(seen(set("/mnt", RDONLY, 0, 1)), "/mnt ro,nosuid,relatime\n/mnt/in ro,relatime\n", "recursive");
  t.equal(seen(set("/mnt", 0, NOSUID, 1)), "/mnt rw,relatime\n/mnt/in rw,relatime\n", "taken away");
  t.equal(seen(set("/mnt", NOATIME)), "/mnt rw,nosuid,noatime\n/mnt/in rw,relatime\n");
  t.equal(seen(set("/mnt", NOATIME), set("/mnt", STRICTATIME)), "/mnt rw,nosuid\n/mnt/in rw,relatime\n", "access times are one value");
  t.equal(seen(set("/mnt", NOATIME), set("/mnt", 0, ATIME)), "/mnt rw,nosuid,relatime\n/mnt/in rw,relatime\n");
  t.match(seen(set("/mnt", 0, 0, 1, MS.SHARED)), /^\/mnt rw,nosuid,relatime shared:\n\/mnt\/in rw,relatime shared:\n$/);
  t.match(seen(set("/mnt", 0, 0, 0, MS.SHARED)), /^\/mnt rw,nosuid,relatime shared:\n\/mnt\/in rw,relatime\n$/);
  t.equal(
    outputOf(box, "echo > /new; mkdir /bin/x; echo > /dev/shm", { inside: [set("/", RDONLY)] }).match(/Read-only/g)?.length,
    2,
    "the root",
  );
});

t.test("what is written below a bind that is read-only with all below", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const monitor: Operation[] = [
    ["unshare", `${0x20000}`],
    ["mount", "", "/", "", `${MS.REC | MS.PRIVATE}`, ""],
    ["mkdir", join(box.dir, "source"), "755"],
    ["mount", "tmpfs", join(box.dir, "source"), "tmpfs", "0", ""],
    ["mkdir", join(box.dir, "source/below"), "755"],
    ["mount", "tmpfs", join(box.dir, "source/below"), "tmpfs", "0", ""],
    ["open-tree", "150", join(box.dir, "source"), "1"],
  ];
  const write = "for f in /data/x /data/below/x; do echo > $f && echo $f; done 2>/dev/null; true";
  const written = (...change: Operation[]) =>
    outputOf(box, write, { monitor, inside: [["bind-tree-at", "150", "/data", "0", "1", "0"], ...change] });
  t.equal(written(), "/data/x\n/data/below/x\n");
  t.equal(written(set("/data", RDONLY)), "/data/below/x\n");
  t.equal(written(set("/data", RDONLY, 0, 1)), "");
});

t.test("attributes of what is no mount", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const failure = (...inside: Operation[]) =>
    errorLine(runAttached(box, makePlan(box, ["true"], { inside })).report).replace(/^error \d+ /, "");
  t.equal(failure(set("/bin", RDONLY)), "mount-set-at mount_setattr EINVAL /bin");
  t.equal(failure(set("/none", RDONLY)), "mount-set-at openat2 ENOENT /none");
  t.equal(failure(set("/proc", 1 << 30)), "mount-set-at mount_setattr EINVAL /proc");
});

t.test("a fifo", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  chmodSync(box.dir, 0o755);
  const inside: Operation[] = [
    ["mknod-at", "/dev/queue", "10640", "0", "0"],
    ["chown-at", "/dev/queue", "5", "6"],
    ["mknod-at", "/dev/queue", "10640", "0", "0"],
  ];
  const script = "stat -c '%F %a %u' /dev/queue; echo through > /dev/queue & cat /dev/queue";
  t.equal(outputOf(box, script, { inside }), "fifo 640 0\nthrough\n", "made anew where one is");
  const mapped = { flags: cloneFlags | 0x10000000, monitor: [["idmap", "0 100000 65536\n", "0 100000 65536\n"] as const] };
  t.equal(outputOf(box, script, { inside: inside.slice(0, 1), ...mapped }), "fifo 640 0\nthrough\n", "in a user namespace");
});

/** The plan with another way into the root. */
const entering = (box: Box, how: Operation, command: readonly string[], flags = cloneFlags) =>
  makePlan(box, command, { flags }).map((operation): Operation => (operation[0] === "pivot" ? how : operation));

t.test("other ways into the root", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const look = ["sh", "-c", "ls -d /bin /proc/self /nothing 2>/dev/null; ls / | wc -l; cut -d' ' -f5,9 /proc/self/mountinfo; pwd"];
  const pivoted = runAttached(box, makePlan(box, look));
  t.equal(pivoted.code, 0);
  const moved = runAttached(box, entering(box, ["move-root"], look));
  t.equal(errorLine(moved.report), "");
  t.equal(moved.stdout, pivoted.stdout, "the container sees the same");
  const fresh = ["unshare", "-m", "sh", "-c", "mount -t proc p /tmp && cat /tmp/sys/kernel/ostype"];
  t.equal(runAttached(box, entering(box, ["move-root"], fresh)).stdout, "Linux\n", "it mounts a proc of its own");
  // without a mount namespace of its own nothing is mounted: the tree is what it is
  const plain: Operation[] = [
    ["stdio", "pipe"],
    ["clone", "0"],
    ["root", box.root],
    ["change-root"],
    ["env", "PATH=/bin"],
    ["exec", "sh", "-c", "pwd; ls /bin/busybox; ls /proc | wc -l"],
  ];
  t.equal(runAttached(box, plain).stdout, "/\n/bin/busybox\n0\n");
});

t.test("the host's proc does not remain below a root that has been moved", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  // a user namespace may mount a proc where it sees a whole one (mount_too_revealing in fs/namespace.c): the container's own is masked
  const mountsAnew = (how: Operation, ...mask: Operation[]) => {
    const plan = entering(box, how, ["unshare", "-U", "-r", "-m", "-p", "-f", "mount", "-t", "proc", "proc", "/tmp"]);
    const at = plan.findIndex(([name]) => name === "barrier");
    return runAttached(box, [...plan.slice(0, at), ...mask, ...plan.slice(at)]);
  };
  for (const how of ["pivot", "move-root"]) {
    t.match(mountsAnew([how]), { code: 0, stderr: "" }, `${how}: one that is whole`);
    t.match(mountsAnew([how], ["mask-at", "/proc/version"]), { code: 1, stderr: /permission denied/ }, `${how}: one that is masked`);
  }
});

t.test("a device that is there already stays, anything else in its place is an error", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const node = (path: string, ...same: string[]): Operation => ["mknod-at", path, "20640", "1", "5", ...same];
  const inside = [["touch-at", "/file", "644"] satisfies Operation, node("/node")];
  t.equal(
    outputOf(box, "stat -c '%t:%T %a' /node /file", { inside: [...inside, node("/node", "same"), node("/file")] }),
    "1:5 640\n1:5 640\n",
  );
  const failure = (operation: Operation) => errorLine(runAttached(box, makePlan(box, ["true"], { inside: [...inside, operation] })).report);
  t.match(failure(["mknod-at", "/file", "20640", "1", "3", "same"]), / mknod-at mknodat EEXIST \/file$/);
  t.match(failure(["mknod-at", "/node", "60640", "1", "5", "same"]), / mknod-at mknodat EEXIST \/node$/, "of another kind");
});

t.test("what is masked is the root's own null device, and the host's where the root has none", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const own: Operation[] = [...tmpfs("/dev"), ["mknod-at", "/dev/null", "20666", "1", "3"]];
  const seen = (inside: Operation[]) =>
    outputOf(box, "stat -c %t:%T /secret; sed -n 's,.* /secret .* - \\([a-z]*\\) .*,\\1,p' /proc/self/mountinfo", {
      inside: [["touch-at", "/secret", "644"], ...inside, ["mask-at", "/secret"]],
    });
  t.equal(seen(own), "1:3\ntmpfs\n");
  const [kind, system] = seen([...tmpfs("/dev"), ["mknod-at", "/dev/null", "20666", "1", "5"]])
    .trim()
    .split("\n");
  t.equal(kind, "1:3", "not what somebody has put into its place");
  t.type(system, "string");
});
