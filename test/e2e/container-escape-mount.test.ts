// Ways out of containers that once worked somewhere, over mounts: targets that become links while they are mounted on, hidden paths and
// the console in a /dev that somebody else can change, mounts that spread to the host.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { makeProbe } from "../fixture/probe.ts";

const scenario = sharingRoot(process.getuid?.() === 0 ? [makeProbe()] : []);
const rounds = 12;

interface Place {
  /** A directory of the host that both containers have at /shared. */
  readonly shared: string;
  /** A directory of the host that no container was given. */
  readonly victim: string;
}

/** Directories of the host, gone when `t` ends. */
function makePlace(t: Test): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tsns-escape-")));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const place = { shared: join(folder, "shared"), victim: join(folder, "victim") };
  for (const path of Object.values(place)) mkdirSync(path);
  return place;
}

/** Starts a container that exchanges two names of the shared directory as fast as it can. */
async function startSwapping(root: DataRoot, { shared }: Place, one: string, other: string): Promise<void> {
  await root.ok([
    "run",
    "-d",
    "--name",
    "racer",
    "--network",
    "none",
    "-v",
    `${shared}:/shared`,
    image,
    "probe",
    "swap",
    `/shared/${one}`,
    `/shared/${other}`,
  ]);
  await untilLogged(root, "racer", /swapping/);
}

/** What is mounted in the container at or below /shared, and every mount point. */
const listMounts = "cut -d' ' -f5 /proc/self/mountinfo";

scenario("a mount target that turns into a link to the host, again and again", async (t, root) => {
  const place = makePlace(t);
  const { shared, victim } = place;
  mkdirSync(join(shared, "target"));
  symlinkSync(victim, join(shared, "link"));
  await startSwapping(root, place, "target", "link");
  const given = mkdtempSync(join(tmpdir(), "tsns-given-"));
  t.teardown(() => rmSync(given, { recursive: true }));
  writeFileSync(join(given, "file"), "");
  let started = 0;
  for (let round = 0; round < rounds; round++) {
    const volumes = [`${given}:/shared/target/made/deep`, `${given}/file:/shared/target/file`].flatMap((volume) => ["-v", volume]);
    const options = [
      "--network",
      "none",
      "-v",
      `${shared}:/shared`,
      ...volumes,
      "--tmpfs",
      "/shared/target/tmpfs",
      "-w",
      "/shared/target/work",
    ];
    const { code, stdout } = await root.tsns(["run", "--rm", ...options, image, "sh", "-c", `${listMounts}; ls /`]);
    if (code === 0) started++;
    const outside = stdout
      .split("\n")
      .filter((path) => path.startsWith("/") && !/^\/(proc|sys|dev|etc|shared)?(\/|$)/.test(path) && !path.startsWith(victim));
    t.same(outside, [], `round ${round}: mounts only where they were asked for, or there in the container's own tree`);
    t.same(readdirSync(victim), [], `round ${round}: nothing is made on the host`);
  }
  t.comment(`${started} of ${rounds} started`);
  await root.ok(["rm", "-f", "racer"]);
});

scenario("links that stay: absolute, upwards, over /proc", async (t, root) => {
  const { shared, victim } = makePlace(t);
  const links = {
    absolute: victim,
    up: `../../../../../../../../..${victim}`,
    magic: `/proc/self/root${victim}`,
    cwd: `/proc/self/cwd/..${victim}`,
    init: `/proc/1/root${victim}`,
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(shared, name));
  for (const name of Object.keys(links)) {
    const options = [
      "-v",
      `${shared}:/shared`,
      "--tmpfs",
      `/shared/${name}/made`,
      "-v",
      `${shared}:/shared/${name}/bound`,
      "-w",
      `/shared/${name}/work`,
    ];
    const { stdout } = await root.tsns(["run", "--rm", "--network", "none", ...options, image, "sh", "-c", "touch made-inside; pwd; ls"]);
    t.same(readdirSync(victim), [], name);
    t.notMatch(stdout, /unreachable/, name);
  }
});

scenario("/dev of somebody else: what hides paths and the console cannot be replaced", async (t, root) => {
  const place = makePlace(t);
  const { shared, victim } = place;
  writeFileSync(join(victim, "file"), "untouched");
  // the names that runtimes have followed: the source of masks, the console, terminals
  for (const name of ["null", "console", "ptmx", "tty"]) {
    writeFileSync(join(shared, name), "");
    symlinkSync("/proc/sys/kernel/core_pattern", join(shared, `${name}-link`));
  }
  mkdirSync(join(shared, "pts"));
  symlinkSync(join(victim, "file"), join(shared, "pts/0"));
  symlinkSync("/proc/sysrq-trigger", join(shared, "pts/1"));
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "latin1");
  await startSwapping(root, place, "null", "null-link");
  const show =
    "for f in /proc/interrupts /proc/timer_list /proc/keys; do head -c 1 $f | wc -c; done; for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /dev/console /dev/null; do (echo tsns-escape > $f) 2>/dev/null; done; grep -c ' /proc/keys ' /proc/self/mountinfo";
  for (let round = 0; round < rounds / 2; round++) {
    const { stdout } = await root.tsns([
      "run",
      "--rm",
      "--network",
      "none",
      ...(round % 2 ? ["-t"] : []),
      "-v",
      `${shared}:/dev`,
      image,
      "sh",
      "-c",
      show,
    ]);
    if (stdout !== "") t.match(stdout, /^0\r?\n0\r?\n0\r?\n1\r?\n$/, `round ${round}: hidden files are empty`);
    t.equal(readFileSync("/proc/sys/kernel/core_pattern", "latin1"), pattern, `round ${round}`);
    t.equal(readFileSync(join(victim, "file"), "utf8"), "untouched", `round ${round}`);
  }
  await root.ok(["rm", "-f", "racer"]);
  // and without a race: each name is a link from the beginning
  for (const name of ["null", "console", "ptmx", "tty"]) {
    rmSync(join(shared, name), { force: true });
    symlinkSync("/proc/sys/kernel/core_pattern", join(shared, name));
  }
  for (const options of [[], ["-t"]]) {
    const { stdout } = await root.tsns(["run", "--rm", "--network", "none", ...options, "-v", `${shared}:/dev`, image, "sh", "-c", show]);
    if (stdout !== "") t.match(stdout, /^0\r?\n0\r?\n0\r?\n1\r?\n$/);
  }
  t.equal(readFileSync("/proc/sys/kernel/core_pattern", "latin1"), pattern);
  t.equal(readFileSync(join(victim, "file"), "utf8"), "untouched");
});

scenario("an image's own links in the way of /proc, /sys, /dev and /etc", async (t, root) => {
  const { victim } = makePlace(t);
  const busybox = ["/bin/busybox", "/usr/bin/busybox"].find(existsSync) ?? "";
  for (const target of [victim, `../../../../../..${victim}`, `/proc/self/root${victim}`]) {
    const links = ["proc", "sys", "dev", "etc", "work"].map((path) => ({ path, type: "symlink", linkPath: target }) as const);
    const files = [
      { path: "bin", type: "directory", mode: 0o755 },
      { path: "bin/busybox", type: "file", mode: 0o755, data: readFileSync(busybox) },
    ] as const;
    await root.ok(["import", "-", "linked"], { input: makeTar([...files, ...links]) });
    const words = ["/bin/busybox", "sh", "-c", `echo ran; /bin/busybox ls ${victim} / >/dev/null`];
    const { stdout } = await root.tsns(["run", "--rm", "-w", "/work/made", "--tmpfs", "/work/tmpfs", "linked", ...words]);
    t.match(stdout, /^(ran\n)?$/, target);
    t.same(readdirSync(victim), [], `${target}: nothing is made on the host`);
    await root.ok(["rmi", "linked"]);
  }
});

scenario("what is mounted inside stays inside", async (t, root) => {
  const { shared } = makePlace(t);
  // A slave is only to be had of one that is shared.
  for (const words of [
    ["--bind", shared, shared],
    ["--make-shared", shared],
  ])
    t.equal(spawnSync("mount", words).status, 0);
  t.teardown(() => void spawnSync("umount", ["-R", shared]));
  const count = () =>
    readFileSync("/proc/self/mountinfo", "latin1")
      .split("\n")
      .filter((line) => line.includes(shared)).length;
  const before = count();
  const script =
    "mkdir -p /shared/sub && mount -t tmpfs escape /shared/sub && touch /shared/sub/made && mount -t tmpfs escape /mnt; mount --make-rshared / ; mount --bind /etc /shared; grep -c escape /proc/self/mountinfo";
  for (const propagation of ["", ":rprivate", ":rslave", ":private", ":slave"]) {
    const name = "mounter";
    await root.ok([
      "run",
      "-d",
      "--name",
      name,
      "--network",
      "none",
      "--cap-add",
      "SYS_ADMIN",
      "-v",
      `${shared}:/shared${propagation}`,
      image,
      "sh",
      "-c",
      `${script}; exec sleep 1000`,
    ]);
    await untilLogged(root, name, /^\d+$/m);
    t.equal(count(), before, `${propagation || "default"}: the host has none of its mounts`);
    t.notOk(existsSync(join(shared, "sub/made")), propagation);
    await root.ok(["rm", "-f", name]);
  }
});
