// Namespaces that are shared, left out or told what to be: ipc with its shared memory, uts, time, cgroup, user ids of /etc/subuid.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image, inside, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const namespaceOf = (pid: number | "self", kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`);

scenario("--ipc shareable: another joins it with its shared memory; a private one is not joined", async (t, root) => {
  const note = "echo from $$ > /dev/shm/note; echo noted; sleep 1000";
  const start = async (name: string, ...options: string[]) => {
    await root.ok(["run", "-d", "--name", name, "--network", "none", ...options, image, "sh", "-c", note]);
    await untilLogged(root, name, /noted/);
  };
  await start("donor", "--ipc", "shareable", "--shm-size", "8196k");
  const pid = await pidOf(root, "donor");
  const join = ["--ipc", "container:donor"];
  const script = "cat /dev/shm/note; df -k /dev/shm | awk 'END { print $2 }'; readlink /proc/self/ns/ipc; echo back > /dev/shm/answer";
  t.equal(await inside(root, script, join), `from 1\n8196\n${namespaceOf(pid, "ipc")}`);
  t.equal(await root.ok(["exec", "donor", "cat", "/dev/shm/answer"]), "back");
  t.match(await inside(root, "grep ' /dev/shm ' /proc/mounts", join), /^shm \/dev\/shm tmpfs rw,nosuid,nodev,noexec/);
  t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes("size=8196k"), "nothing of it is mounted outside");
  // one that joined can be joined in turn
  await root.ok(["run", "-d", "--name", "second", "--network", "none", ...join, image, "sleep", "1000"]);
  t.equal(await inside(root, "cat /dev/shm/answer", ["--ipc", "container:second"]), "back");
  await start("alone");
  const refused = await root.tsns(["run", "--rm", "--ipc", "container:alone", image, "true"]);
  t.match(refused, { code: 125, stderr: /^tsns: can't join IPC of container alone: non-shareable IPC \(.*--ipc shareable.*\)\n$/ });
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.IpcMode}} {{.HostConfig.ShmSize}}", "donor"]), "shareable 8392704");
  await root.ok(["rm", "-f", "donor", "second", "alone"]);
  t.match(await root.tsns(["run", "--rm", "--ipc", "container:donor", image, "true"]), { code: 125, stderr: /donor/ });
});

scenario("--ipc none has no shared memory", async (t, root) => {
  t.equal(await inside(root, "test -e /dev/shm || echo none; readlink /proc/self/ns/ipc | grep -c ipc", ["--ipc", "none"]), "none\n1");
  t.match(await inside(root, "readlink /proc/self/ns/ipc", ["--ipc", "none"]), /^ipc/);
  t.match(await root.tsns(["run", "--rm", "--ipc", "none", "--shm-size", "1m", image, "true"]), {
    code: 125,
    stderr: /^tsns: conflicting options: --shm-size and --ipc none/,
  });
});

scenario("--shm-size, --domainname", async (t, root) => {
  t.equal(await inside(root, "df -k /dev/shm | awk 'END { print $2 }'"), "65536");
  t.equal(await inside(root, "df -k /dev/shm | awk 'END { print $2 }'", ["--shm-size", "2m"]), "2048");
  const full = await inside(root, "head -c 3000000 /dev/zero > /dev/shm/x || echo full", ["--shm-size", "1m"]);
  t.equal(full, "full");
  const named = await root.ok([
    ...["run", "--rm", "--hostname", "web", "--domainname", "example.org", image],
    ...["sh", "-c", "cat /proc/sys/kernel/domainname; hostname; awk '$2 == \"web.example.org\" { print $3 }' /etc/hosts"],
  ]);
  t.equal(named, "example.org\nweb\nweb");
  t.equal(readFileSync("/proc/sys/kernel/domainname", "utf8").includes("example.org"), false, "not outside");
});

scenario("--uts container:NAME and --pid container:NAME", async (t, root) => {
  await root.ok([
    "run",
    "-d",
    "--name",
    "named",
    "--network",
    "none",
    "--hostname",
    "other",
    "--domainname",
    "dom",
    image,
    "sleep",
    "1234",
  ]);
  const script = "readlink /proc/self/ns/uts; hostname; cat /etc/hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname";
  const uts = namespaceOf(await pidOf(root, "named"), "uts");
  t.equal(await inside(root, script, ["--uts", "container:named"]), `${uts}\nother\nother\nother\ndom`);
  t.match(await inside(root, "ps", ["--pid", "container:named"]), /\b1 root +sleep 1234/);
  const both = await root.tsns(["run", "--rm", "--uts", "container:named", "--hostname", "x", "--domainname", "y", image, "true"]);
  t.match(both, { code: 125, stderr: /hostname and the UTS mode.*\n.*domainname and the UTS mode/ });
  await root.ok(["rm", "-f", "named"]);
});

scenario("--time private: clocks since boot of its own, in exec too; the host's stay", async (t, root) => {
  const uptime = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  await root.ok(["run", "-d", "--name", "later", "--network", "none", "--time", "private:240h", image, "sleep", "1000"]);
  const pid = await pidOf(root, "later");
  t.not(namespaceOf(pid, "time"), namespaceOf("self", "time"));
  const before = uptime();
  const [seen = "", namespace] = (
    await root.ok(["exec", "later", "sh", "-c", "cut -d' ' -f1 /proc/uptime; readlink /proc/self/ns/time"])
  ).split("\n");
  t.equal(namespace, namespaceOf(pid, "time"));
  t.ok(Number(seen) >= before + 864_000 && Number(seen) <= uptime() + 864_000, seen);
  t.match(readFileSync(`/proc/${pid}/timens_offsets`, "utf8"), /^monotonic +864000 +0\nboottime +864000 +0\n/);
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.TimeMode}}", "later"]), "private:864000s");
  await root.ok(["rm", "-f", "later"]);
  t.match(await inside(root, "cut -d' ' -f1 /proc/uptime", ["--time", "private:24h", "--userns", "private"]), /^\d+/);
  t.equal(await inside(root, "readlink /proc/self/ns/time"), namespaceOf("self", "time"), "the host's unless asked for");
  const early = await root.tsns(["run", "--rm", "--network", "none", "--time", "private:-800000h", image, "true"]);
  t.match(early, { code: 125, stderr: /^tsns: --time private: the kernel does not take the offset: .*\n$/ });
});

scenario("--cgroupns host: the host's paths, the container's own files", async (t, root) => {
  const script =
    "readlink /proc/self/ns/cgroup; cat /proc/self/cgroup; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max";
  const started = await root.ok([
    "create",
    "--cgroupns",
    "host",
    "--network",
    "none",
    "--memory",
    "64m",
    image,
    "sh",
    "-c",
    `${script}; true`,
  ]);
  const said = await root.ok(["start", "-a", started]);
  t.equal(said.split("\n")[0], namespaceOf("self", "cgroup"));
  t.match(said, new RegExp(`/tsns-${started}$`, "m"));
  const legacy = existsSync("/sys/fs/cgroup/memory");
  if (legacy) t.match(said, /^67108864$/m);
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.CgroupnsMode}}", started]), "host");
  await root.ok(["rm", started]);
  const written = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    "--cgroupns",
    "host",
    image,
    "sh",
    "-c",
    "mkdir /sys/fs/cgroup/memory/x /sys/fs/cgroup/x",
  ]);
  t.match(written, { code: 1, stderr: /Read-only file system/ });
});

scenario("--cgroup-parent: below it, whose limit holds for all of it", async (t, root) => {
  const parent = `parent-${randomBytes(6).toString("hex")}`;
  const hierarchies = readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`);
  const mine = () => ["/sys/fs/cgroup", ...hierarchies].map((path) => `${path}/${parent}`).filter((path) => existsSync(path));
  t.teardown(() => {
    for (const path of mine()) for (const one of [`${path}/deep`, path]) if (existsSync(one)) rmdirSync(one);
  });
  const options = ["--network", "none", "--cgroup-parent", `/${parent}/deep/`, "--cpuset-cpus", "0", "--cgroupns", "host"];
  const id = await root.ok(["run", "-d", "--name", "below", ...options, image, "sleep", "1000"]);
  const paths = readFileSync(`/proc/${await pidOf(root, "below")}/cgroup`, "utf8");
  t.match(paths, new RegExp(`memory:/${parent}/deep/tsns-${id}$|^0::/${parent}/deep/tsns-${id}$`, "m"));
  t.match(await root.ok(["exec", "below", "grep", "-c", id, "/proc/self/cgroup"]), /^[1-9]/, "exec is there too");
  t.equal(await root.ok(["exec", "below", "nproc"]), "1");
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.CgroupParent}}", "below"]), `/${parent}/deep`);
  await root.ok(["rm", "-f", "below"]);
  for (const path of mine())
    t.same(
      readdirSync(`${path}/deep`, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
      [],
      path,
    );
  t.equal(
    await inside(root, `cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max 2>/dev/null; true`, [
      ...options.slice(0, -2),
      "--memory",
      "16m",
    ]),
    "16777216",
  );
  // what a lost undo leaves below it is found
  const left = `${mine()[0]}/deep/tsns-${id}`;
  await root.ok(["create", "--name", "kept", image, "true"]);
  const kept = await root.ok(["inspect", "-f", "{{.Id}}", "kept"]);
  mkdirSync(left.replace(id, kept));
  t.match((await root.tsns(["doctor", "--json"])).stdout, new RegExp(`/${parent}/deep/tsns-${kept}`));
  rmdirSync(left.replace(id, kept));
  await root.ok(["rm", "kept"]);
  for (const wrong of ["../x", `tsns-${"a".repeat(64)}`])
    t.match(await root.tsns(["run", "--rm", "--cgroup-parent", wrong, image, "true"]), { code: 125, stderr: /^tsns: --cgroup-parent: / });
});

scenario("--userns remap: the ids that /etc/subuid and /etc/subgid give a user", async (t, root) => {
  const none = await root.tsns(["run", "--rm", "--network", "none", "--userns", "remap:nosuchuser", image, "true"]);
  t.match(none, { code: 125, stderr: /^tsns: --userns remap: \/etc\/subuid has no ids for nosuchuser \(.*>> \/etc\/subuid.*\)\n$/ });
  const directory = mkdtempSync(join(tmpdir(), "tsns-subid-"));
  t.teardown(() => {
    for (const name of ["subuid", "subgid"]) spawnSync("umount", [`/etc/${name}`]);
    rmSync(directory, { recursive: true, force: true });
  });
  // seen in this mount namespace alone
  for (const [name, text] of Object.entries({
    subuid: "other:1:1\ntsns:200000:5000\n1:400000:10\n",
    subgid: "tsns:300000:4000\ndaemon:500000:10\n",
  })) {
    writeFileSync(join(directory, name), text);
    t.equal(spawnSync("mount", ["--bind", join(directory, name), `/etc/${name}`]).status, 0);
  }
  const maps = "awk '{ print $1, $2, $3 }' /proc/self/uid_map /proc/self/gid_map; touch /root/mine; stat -c %u:%g /root/mine";
  t.equal(await inside(root, maps, ["--userns", "remap"]), "0 200000 4000\n0 300000 4000\n0:0");
  t.equal(
    await inside(root, maps, ["--userns", "remap:daemon"]),
    "0 400000 10\n0 500000 10\n0:0",
    "by number in one, by name in the other",
  );
  const id = await root.ok(["create", "--userns", "remap", image, "true"]);
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.UsernsMode}}", id]), "remap:tsns");
  await root.ok(["rm", id]);
});

scenario("a user namespace of its own goes with no namespace of another", async (t, root) => {
  for (const shared of [
    ["--network", "container:x"],
    ["--ipc", "container:x"],
    ["--pid", "host"],
    ["--cgroupns", "host"],
  ]) {
    const refused = await root.tsns(["run", "--rm", "--userns", "private", ...shared, image, "true"]);
    t.match(refused, { code: 125, stderr: /^tsns: conflicting options: --userns private and --/ }, shared.join(" "));
  }
});
