// Devices of the host and limits of block devices, with a loop device of the test's own: what can be opened, how fast it is read.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Test } from "tap";
import { image, inside, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();

function output(program: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** A disk of 8 MiB that is gone with the test. */
function makeDisk(t: Test): { readonly path: string; readonly number: string } {
  const directory = mkdtempSync(join(tmpdir(), "tsns-disk-"));
  const file = join(directory, "disk");
  writeFileSync(file, "first");
  truncateSync(file, 8 << 20);
  const path = output("losetup", "-f", "--show", file);
  t.teardown(() => {
    spawnSync("losetup", ["-d", path]);
    rmSync(directory, { recursive: true });
  });
  return { path, number: `7:${basename(path).slice(4)}` };
}

scenario("--device: read, written, under another name, with the host's owner; only what was allowed", async (t, root) => {
  const disk = makeDisk(t);
  const options = ["--device", `${disk.path}:/dev/disk:r`, "--device", `${disk.path}:/dev/deep/er/disk`];
  const script = "head -c 5 /dev/disk; echo; ls -l /dev/deep/er/disk | awk '{ print $1, $5, $6 }'; ls /dev/deep/er";
  const [major, minor] = disk.number.split(":");
  const mode = output("stat", "-c", "%A", disk.path);
  t.equal(await inside(root, script, options), `first\n${mode} ${major}, ${minor}\ndisk`);
  const readonly = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    "--device",
    `${disk.path}:r`,
    image,
    "sh",
    "-c",
    `: > ${disk.path}`,
  ]);
  t.match(readonly, { code: 1, stderr: /Operation not permitted/ });
  t.equal(await inside(root, "ls -n /dev/disk | awk '{ print $3, $4 }'", options), `0 ${statSync(disk.path).gid}`);
  const id = await root.ok(["run", "-d", "--network", "none", "--device", `${disk.path}:/dev/x:rw`, image, "sleep", "1000"]);
  t.equal(await root.ok(["exec", id, "sh", "-c", "echo other > /dev/x; head -c 5 /dev/x"]), "other", "exec may too");
  t.match((await root.tsns(["exec", id, "head", "-c1", disk.path])).code, 1);
  const [shown] = JSON.parse(await root.ok(["inspect", "-f", "{{json .HostConfig.Devices}}", id]));
  t.same(shown, { PathOnHost: disk.path, PathInContainer: "/dev/x", CgroupPermissions: "rw" });
  await root.ok(["rm", "-f", id]);
});

scenario("--device: a directory gives all that is in it; what is no device is refused", async (t, root) => {
  if (existsSync("/dev/net/tun"))
    t.match(
      await inside(root, "ls -l /dev/net/tun /dev/in/tun", ["--device", "/dev/net", "--device", "/dev/net:/dev/in"]),
      /^c.*10, 200.*\nc.*10, 200/,
    );
  for (const [path, why] of [
    ["/dev/nosuch", "no such file or directory"],
    ["/etc/passwd", "not a device node"],
    ["/etc/init.d", "not a device node"],
  ]) {
    const refused = await root.tsns(["run", "--rm", "--device", path ?? "", image, "true"]);
    t.match(refused, {
      code: 125,
      stderr: new RegExp(`^tsns: error gathering device information while adding custom device "${path}": ${why}`),
    });
  }
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("--device-cgroup-rule: a node made inside can be opened", async (t, root) => {
  const disk = makeDisk(t);
  const script = `mknod /dev/own b ${disk.number.replace(":", " ")}; head -c 5 /dev/own; echo x > /dev/own`;
  t.match(await root.tsns(["run", "--rm", "--network", "none", image, "sh", "-c", script]), {
    code: 1,
    stdout: "",
    stderr: /not permitted/,
  });
  const rule = ["--device-cgroup-rule", `b ${disk.number} rm`];
  const allowed = await root.tsns(["run", "--rm", "--network", "none", ...rule, image, "sh", "-c", script]);
  t.match(allowed, { code: 1, stdout: "first", stderr: /^sh: can't create \/dev\/own: Operation not permitted\n$/ }, "read, not written");
});

scenario("rates of a device: in the kernel's files, and kept", async (t, root) => {
  const disk = makeDisk(t);
  const rates = ["read-bps", "write-bps"].flatMap((rate) => [`--device-${rate}`, `${disk.path}:2mb`]);
  const counts = ["--device-read-iops", `${disk.number}:700`, "--device-write-iops", `${disk.path}:800`];
  const options = ["--network", "none", "--device", disk.path, ...rates, ...counts];
  await root.ok(["run", "-d", "--name", "slow", ...options, image, "sleep", "1000"]);
  const line = /blkio:(.*)$/m.exec(readFileSync(`/proc/${await pidOf(root, "slow")}/cgroup`, "utf8"))?.[1];
  const unified = /^0::(.*)$/m.exec(readFileSync(`/proc/${await pidOf(root, "slow")}/cgroup`, "utf8"))?.[1];
  if (line !== undefined) {
    const file = (name: string) => readFileSync(`/sys/fs/cgroup/blkio${line}/blkio.throttle.${name}_device`, "utf8");
    t.equal(file("read_bps"), `${disk.number} 2097152\n`);
    t.equal(file("write_bps"), `${disk.number} 2097152\n`);
    t.equal(file("read_iops"), `${disk.number} 700\n`);
    t.equal(file("write_iops"), `${disk.number} 800\n`);
  } else t.equal(readFileSync(`/sys/fs/cgroup${unified}/io.max`, "utf8"), `${disk.number} rbps=2097152 wbps=2097152 riops=700 wiops=800\n`);
  const started = process.hrtime.bigint();
  await root.ok(["exec", "slow", "dd", `if=${disk.path}`, "of=/dev/null", "bs=1M", "count=2", "iflag=direct"]);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  // the kernel counts in slices of 0.1 s
  t.ok(seconds > 0.7, `2 MiB in ${seconds} s`);
  t.same(JSON.parse(await root.ok(["inspect", "-f", "{{json .HostConfig.BlkioDeviceReadIOps}}", "slow"])), [
    { Path: disk.number, Rate: 700 },
  ]);
  await root.ok(["rm", "-f", "slow"]);
  for (const [rate, why] of [
    ["/dev/null:1mb", /\/dev\/null is not a block device/],
    ["/dev/nosuch:1mb", /no device \/dev\/nosuch/],
  ] as const)
    t.match(await root.tsns(["run", "--rm", "--device-read-bps", rate, image, "true"]), { code: 125, stderr: why });
});

scenario("weights of block I/O, where a scheduler keeps them", async (t, root) => {
  const disk = makeDisk(t);
  const scheduler = `/sys/block/${basename(disk.path)}/queue/scheduler`;
  if (!readFileSync(scheduler, "utf8").includes("bfq")) {
    const refused = await root.tsns(["run", "--rm", "--network", "none", "--blkio-weight", "300", image, "true"]);
    t.match(refused, { code: 125, stderr: /^tsns: --blkio-weight would have no effect/ });
    return;
  }
  const before = /\[(.*)\]/.exec(readFileSync(scheduler, "utf8"))?.[1] ?? "none";
  // it would outlive the disk
  t.teardown(() => writeFileSync(scheduler, before));
  writeFileSync(scheduler, "bfq");
  const files = ["blkio/blkio.bfq.weight", "blkio/blkio.bfq.weight_device", "io.bfq.weight"]
    .map((file) => `/sys/fs/cgroup/${file}`)
    .join(" ");
  const said = await inside(root, `cat ${files} 2>/dev/null | sort -u`, [
    "--blkio-weight",
    "300",
    "--blkio-weight-device",
    `${disk.path}:500`,
  ]);
  t.match(said, new RegExp(`${disk.number} 500`));
  t.match(said, /^(default )?300$/m);
});

scenario("real-time CPU time, swappiness, the OOM killer: on cgroup v1, refused where the kernel has none", async (t, root) => {
  const legacy = existsSync("/sys/fs/cgroup/memory/memory.swappiness");
  const options = [
    "--memory-swappiness",
    "7",
    "--oom-kill-disable",
    "--memory",
    "32m",
    "--cpu-rt-period",
    "500000",
    "--cpu-rt-runtime",
    "1000",
  ];
  const files = ["memory/memory.swappiness", "memory/memory.oom_control", "cpu/cpu.rt_period_us", "cpu/cpu.rt_runtime_us"];
  const outcome = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    ...options,
    image,
    "sh",
    "-c",
    `cd /sys/fs/cgroup; head -qn1 ${files.join(" ")}`,
  ]);
  if (!legacy) {
    t.match(outcome, { code: 125, stderr: /needs cgroup v1/ });
    return;
  }
  t.match(outcome, { code: 0, stdout: "7\noom_kill_disable 1\n500000\n1000\n", stderr: "" });
  const dangerous = await root.tsns(["create", "--network", "none", "--oom-kill-disable", image, "true"]);
  t.match(dangerous, {
    code: 0,
    stdout: /^[0-9a-f]{64}\n$/,
    stderr: /^WARNING: OOM killer is disabled for the container, but no memory limit/,
  });
  const unlimited = await root.tsns(["run", "--rm", "--network", "none", "--oom-kill-disable", image, "true"]);
  t.match(unlimited, { code: 0, stderr: /^WARNING: OOM killer is disabled for the container, but no memory limit is set/ });
  const much = await root.tsns(["run", "--rm", "--network", "none", "--cpu-rt-runtime", "999999", image, "true"]);
  t.match(much, { code: 125, stderr: /^tsns: .*cpu\.rt_runtime_us.*\n$/ }, "more than the group above has");
  // its own memory (not what the kernel writes for it, which fails): it waits, neither killed nor done
  await root.ok([
    "run",
    "-d",
    "--name",
    "waits",
    "--network",
    "none",
    "--oom-kill-disable",
    "--memory",
    "16m",
    image,
    "awk",
    'BEGIN { s = "x"; while (1) s = s s }',
  ]);
  const path = /memory:(.*)$/m.exec(readFileSync(`/proc/${await pidOf(root, "waits")}/cgroup`, "utf8"))?.[1];
  const { waitFor } = await import("../fixture/wait.ts");
  await waitFor("out of memory", () => readFileSync(`/sys/fs/cgroup/memory${path}/memory.oom_control`, "utf8").includes("under_oom 1"));
  t.equal(
    await root.ok(["inspect", "-f", "{{.State.Status}} {{.HostConfig.OomKillDisable}} {{.HostConfig.MemorySwappiness}}", "waits"]),
    "running true <nil>",
  );
  await root.ok(["rm", "-f", "waits"]);
});
