// The root file system of a container: what is mounted, hidden and read only, and that no path of the image leads out of it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { image, inside, sharingRoot } from "../fixture/busybox-scenario.ts";

const unique = `tsns-escape-${process.pid}`;
const scenario = sharingRoot([
  { path: "link", type: "symlink", linkPath: "/" },
  { path: "out", type: "symlink", linkPath: "../../../../../../.." },
  { path: "to-tmp", type: "symlink", linkPath: "/tmp" },
]);

function makeFolder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "tsns-folder-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

scenario("standard mounts", async (t, root) => {
  const mounts = (await inside(root, "cat /proc/mounts")).split("\n").map((line) => line.split(" "));
  const mount = (path: string) => mounts.find((fields) => fields[1] === path);
  const expected: readonly (readonly [string, string, readonly string[]])[] = [
    ["/", "overlay", ["rw"]],
    ["/proc", "proc", ["rw", "nosuid", "nodev", "noexec"]],
    ["/dev", "tmpfs", ["rw", "nosuid"]],
    ["/dev/pts", "devpts", ["rw", "nosuid", "noexec", "gid=5", "ptmxmode=666"]],
    ["/dev/shm", "tmpfs", ["rw", "nosuid", "nodev", "noexec", "size=65536k"]],
    ["/dev/mqueue", "mqueue", ["rw", "nosuid", "nodev", "noexec"]],
    ["/sys", "sysfs", ["ro", "nosuid", "nodev", "noexec"]],
    ["/sys/fs/cgroup", "tmpfs|cgroup2", ["ro", "nosuid", "nodev", "noexec"]],
  ];
  for (const [path, type, options] of expected) {
    const [, , found = "", text = ""] = mount(path) ?? [];
    t.match(found, new RegExp(`^(${type})$`), path);
    t.same(
      options.filter((option) => !text.split(",").includes(option)),
      [],
      `options of ${path}`,
    );
  }
});

scenario("/dev has docker's nodes and links, usable, and nothing of the host's", async (t, root) => {
  const names = (await inside(root, "ls /dev")).split("\n");
  t.same(names, "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split(" "));
  const used = await inside(
    root,
    "echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c && echo through > /dev/stdout; echo y > /dev/full || echo full; touch /dev/shm/x && echo shm",
  );
  t.same(used.split("\n"), ["3", "3", "through", "full", "shm"]);
  t.match(await root.ok(["run", "--rm", "--network", "none", "-t", image, "ls", "/dev"]), /\bconsole\b/);
});

scenario("masked and read-only paths", async (t, root) => {
  const script = `
    for f in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do test -e $f && head -c 1 $f | wc -c; done
    for d in /proc/acpi /proc/scsi /sys/firmware; do test -d $d && ls $d | wc -l; done
    for p in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/x /proc/bus/x /sys/x; do
      (echo 1 > $p) 2>/dev/null && echo wrote $p
    done
    echo end`;
  const lines = (await inside(root, script)).split("\n");
  t.ok(lines.length > 4, "some exist on this kernel");
  t.same(new Set(lines), new Set(["0", "end"]));
  t.match(
    await inside(root, "echo 2>&1 > /proc/sys/kernel/hostname || true; (echo x > /proc/sys/kernel/hostname) 2>&1 || true"),
    /Read-only file system/,
  );
  const privileged = await inside(root, "cat /proc/interrupts | wc -l; (echo own > /proc/sys/kernel/hostname) && hostname", [
    "--privileged",
  ]);
  t.match(privileged, /^[1-9]\d*\nown$/, "not with --privileged");
});

scenario("--read-only: the root, but not tmpfs and volumes", async (t, root) => {
  const folder = makeFolder(t);
  const said = await inside(root, "touch /x 2>&1; touch /tmp/x /vol/x /dev/shm/x && echo wrote", [
    "--read-only",
    "--tmpfs",
    "/tmp",
    "-v",
    `${folder}:/vol`,
  ]);
  t.match(said, /Read-only file system\nwrote$/);
  t.same(readdirSync(folder), ["x"]);
});

scenario("--tmpfs: options, owner and size", async (t, root) => {
  const said = await inside(
    root,
    "grep ' /scratch ' /proc/mounts; stat -c %a:%u /scratch; cp /bin/busybox /scratch/ && /scratch/busybox echo ran 2>&1",
    ["--tmpfs", "/scratch:size=8m,mode=700,uid=7,exec"],
  );
  t.match(said, /tmpfs \/scratch tmpfs rw,nosuid,nodev,relatime,size=8192k,mode=700,uid=7/);
  t.match(said, /\n700:7\nran$/);
  t.match(
    await inside(root, "cp /bin/busybox /scratch/; /scratch/busybox true 2>&1 || true", ["--tmpfs", "/scratch"]),
    /Permission denied/,
    "noexec",
  );
});

scenario("-v: directory, file, read only, a source that is missing, a target that is missing", async (t, root) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, "file"), "from the host\n");
  mkdirSync(join(folder, "directory"));
  const missing = join(folder, "made/for/it");
  const said = await inside(root, "cat /etc/one; echo two > /deep/er/target/two; touch /ro/x 2>&1; echo more >> /etc/one; touch /made/x", [
    ...[
      "-v",
      `${folder}/file:/etc/one`,
      "-v",
      `${folder}/directory:/deep/er/target`,
      "-v",
      `${folder}/directory:/ro:ro`,
      "-v",
      `${missing}:/made`,
    ],
  ]);
  t.match(said, /^from the host\n.*Read-only file system$/);
  t.equal(readFileSync(join(folder, "file"), "utf8"), "from the host\nmore\n");
  t.equal(readFileSync(join(folder, "directory/two"), "utf8"), "two\n");
  t.same(readdirSync(missing), ["x"]);
  const nested = await inside(root, "ls /a /a/b", ["-v", `${folder}/directory:/a/b`, "-v", `${folder}:/a`]);
  t.match(nested, /\/a\/b:\ntwo$/, "the outer one is mounted first");
  const relative = await root.ok(["run", "--rm", "--network", "none", "-v", "./file:/f", image, "cat", "/f"], { cwd: folder });
  t.match(relative, /from the host/, "./SOURCE is relative to where the command runs");
});

scenario("targets go through the image's links inside the root", async (t, root) => {
  const folder = makeFolder(t);
  writeFileSync(join(folder, "mark"), "");
  for (const target of [`/link/${unique}`, `/out/${unique}`, `/link/out/link/${unique}`]) {
    t.equal(await inside(root, `ls /${unique}`, ["-v", `${folder}:${target}`]), "mark", target);
    t.notOk(existsSync(`/${unique}`), "nothing at that place of the host");
  }
  t.equal(await inside(root, `grep -c ' /${unique} tmpfs' /proc/mounts`, ["--tmpfs", `/out/${unique}`]), "1");
  t.equal(await inside(root, "pwd -P", ["-w", `/out/${unique}/a`]), `/${unique}/a`);
  t.equal(await inside(root, `ls /tmp/${unique}`, ["-v", `${folder}:/to-tmp/${unique}`]), "mark");
  t.notOk(existsSync(`/${unique}`));
  t.notOk(existsSync(`/tmp/${unique}`));
});

scenario("an image whose /etc, /dev, /sys or /tmp is a link to a path of the host changes nothing there", async (t, root) => {
  const busybox = readFileSync(existsSync("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox");
  for (const place of ["etc", "dev", "sys", "proc", "dev/pts", "dev/shm"]) {
    const folder = makeFolder(t);
    const name = `evil-${place.replace("/", "-")}`;
    const up = place.includes("/") ? [{ path: "dev", type: "directory" as const }] : [];
    const tar = makeTar([
      { path: "bin", type: "directory" },
      { path: "bin/busybox", type: "file", mode: 0o755, data: busybox },
      ...up,
      { path: place, type: "symlink", linkPath: folder },
    ]);
    await root.ok(["import", "-", name], { input: tar });
    const outcome = await root.tsns(["run", "--rm", "-v", `${folder}:/${place}/volume`, name, "/bin/busybox", "echo", "ran"]);
    const refused = outcome.code === 125 && /^tsns: /.test(outcome.stderr) && outcome.stderr.trim().split("\n").length === 1;
    t.ok((outcome.code === 0 && outcome.stdout === "ran\n") || refused, `/${place}: runs or is refused in one line: ${outcome.stderr}`);
    t.same(readdirSync(folder), [], `/${place}: the folder it points to is empty`);
    t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes(folder), `/${place}: nothing is mounted there`);
  }
});
