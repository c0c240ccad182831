// Containers of whoever is not root: the creator runs as a user without privileges, in a user namespace with itself alone or with the ranges that
// /etc/subuid gives it. The plans are those of src/runtime/plan.
import "../fixture/fresh-namespaces.ts";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { RuntimeConfig, RuntimeIdMapping } from "../../src/runtime/config/type.ts";
import { planRuntime } from "../../src/runtime/plan/plan.ts";
import { needRoot } from "../fixture/root.ts";
import { plainConfig, plainPlace, plainProcess } from "../fixture/runtime-config.ts";
import { start } from "./creator.ts";
import { type Box, makeBox, sandboxProgram, writePlan } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };

/** nobody and nogroup, of every Debian. */
const [user, group] = [65534, 65534];
const range = { first: 300_000, size: 65_536 };

/** A mapping as a configuration has it. */
const mapping = (containerID: number, hostID: number, size: number): RuntimeIdMapping => ({ containerID, hostID, size });
const single = { uids: [mapping(0, user, 1)], gids: [mapping(0, group, 1)] };
const ranges = {
  uids: [mapping(0, user, 1), mapping(1, range.first, range.size)],
  gids: [mapping(0, group, 1), mapping(1, range.first, range.size)],
};

function configOf(maps: typeof single, args: readonly string[], more: Partial<RuntimeConfig> = {}): RuntimeConfig {
  const mount = (destination: string, type: string, source: string, ...options: string[]) =>
    ({ destination, type, source, options, uidMappings: [], gidMappings: [] }) as const;
  const types = ["user", "mount", "pid", "ipc", "uts"] as const;
  return {
    ...plainConfig,
    process: { ...plainProcess, args, capabilities: undefined },
    hostname: "rootless",
    mounts: [
      mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
      mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755"),
      mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
      mount("/sys", "bind", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro"),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
    ],
    ...more,
    linux: {
      ...plainConfig.linux,
      namespaces: types.map((type) => ({ type })),
      uidMappings: maps.uids,
      gidMappings: maps.gids,
      maskedPaths: ["/proc/kcore", "/proc/keys"],
      readonlyPaths: ["/proc/sys"],
      ...more.linux,
    },
  } as RuntimeConfig;
}

function makeOwnBox(t: Test): Box {
  const box = makeBox(t);
  spawnSync("chown", ["-R", `${user}:${group}`, box.dir]);
  chmodSync(box.dir, 0o711);
  return box;
}

let gates = 0;

interface Outcome {
  readonly report: string;
  readonly output: string;
  readonly errors: string;
}

/** Creates the container as the user, starts it if it was made, and waits for all that it says. */
async function run(t: Test, box: Box, config: RuntimeConfig): Promise<Outcome> {
  const gate = join(box.dir, `gate-${gates++}`);
  const { monitor, init } = planRuntime(config, { ...plainPlace, bundle: box.dir, rootfs: box.root, gate, isUnprivileged: true });
  const argv = ["create", writePlan(box.dir, [...monitor, ...init]), "--report", "3"];
  const child = spawn(sandboxProgram, argv, { stdio: ["ignore", "pipe", "pipe", "pipe"], env: {}, uid: user, gid: group });
  const text = ["", "", "", ""];
  const ends = [1, 2, 3].map((at) => {
    child.stdio[at]?.on("data", (chunk: Buffer) => (text[at] = `${text[at]}${chunk}`));
    return new Promise<void>((done) => child.stdio[at]?.once("close", () => done()));
  });
  t.teardown(() => void child.kill("SIGKILL"));
  await ends[2];
  if (text[3]?.startsWith("created ")) t.equal(await start(t, gate), "exec\n");
  await Promise.all(ends);
  return { output: text[1] ?? "", errors: text[2] ?? "", report: text[3] ?? "" };
}

const look =
  "id -u; id -g; hostname; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups | tr -s ' '; touch /made /dev/null; echo > /dev/null; stat -c %u /made; ls /sys | grep -c kernel";

t.test("a user alone", { ...asRoot }, async (t) => {
  const box = makeOwnBox(t);
  const { report, output, errors } = await run(t, box, configOf(single, ["sh", "-c", look]));
  t.match(report, /^created \d+ \d+\n$/);
  t.equal(errors, "");
  t.equal(output, `0\n0\nrootless\n 0 ${user} 1\n 0 ${group} 1\ndeny\n0\n1\n`);
});

t.test("a user with ranges", { ...asRoot }, async (t) => {
  const box = makeOwnBox(t);
  for (const name of ["subuid", "subgid"]) {
    writeFileSync(join(box.dir, name), `nobody:${range.first}:${range.size}\n`);
    chownSync(join(box.dir, name), 0, 0);
    t.equal(spawnSync("mount", ["--bind", join(box.dir, name), `/etc/${name}`]).status, 0);
    t.teardown(() => void spawnSync("umount", [`/etc/${name}`]));
  }
  mkdirSync(join(box.root, "home/alice"));
  chownSync(join(box.root, "home/alice"), range.first + 999, range.first + 999);
  const map = (own: number) => ` 0 ${own} 1\n 1 ${range.first} ${range.size}\n`;
  const asRootOfIt = await run(t, box, configOf(ranges, ["sh", "-c", look]));
  t.equal(asRootOfIt.errors, "");
  t.equal(asRootOfIt.output, `0\n0\nrootless\n${map(user)}${map(group)}allow\n0\n1\n`);
  const alice = {
    ...plainProcess,
    user: { uid: 1000, gid: 1000, additionalGids: [5, 6] },
    args: ["sh", "-c", "id; touch /home/alice/x && stat -c '%u %g' /home/alice/x"],
  };
  const { output, errors } = await run(t, box, { ...configOf(ranges, []), process: alice });
  t.equal(errors, "");
  t.match(output, /^uid=1000\(alice\) gid=1000\(alice\) groups=5,6\n1000 1000\n$/);
  const greedy = { uids: [mapping(0, range.first, range.size * 2)], gids: ranges.gids };
  const refused = await run(t, box, configOf(greedy, ["true"]));
  t.match(refused.report, /^error \d+ userns wait EPERM newuidmap\n$/);
  t.match(refused.errors, /^newuidmap: .*not allowed/, "in its own words");
});

t.test("a user who has no ranges", { ...asRoot }, async (t) => {
  const box = makeOwnBox(t);
  const { report, errors } = await run(t, box, configOf(ranges, ["true"]));
  t.match(report, /^error \d+ userns wait EPERM newuidmap\n$/);
  t.match(errors, /^newuidmap: /);
});
