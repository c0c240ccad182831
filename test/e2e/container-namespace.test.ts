// Isolation, seen from inside and from the host, one namespace after the other.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { image, inside, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const namespaceOf = (pid: number | "self", kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`);

scenario("each namespace is another one than the host's, and the user namespace the host's", async (t, root) => {
  await root.ok(["run", "-d", "--name", "spaces", image, "sleep", "1000"]);
  const pid = await pidOf(root, "spaces");
  for (const kind of ["pid", "net", "mnt", "ipc", "uts", "cgroup"]) t.not(namespaceOf(pid, kind), namespaceOf("self", kind), kind);
  t.equal(namespaceOf(pid, "user"), namespaceOf("self", "user"));
  const seen = await root.ok(["exec", "spaces", "sh", "-c", "for n in pid net mnt ipc uts cgroup; do readlink /proc/self/ns/$n; done"]);
  t.same(
    seen.split("\n"),
    ["pid", "net", "mnt", "ipc", "uts", "cgroup"].map((kind) => namespaceOf(pid, kind)),
    "exec enters the same ones",
  );
  await root.ok(["rm", "-f", "spaces"]);
  t.notOk(existsSync(`/proc/${pid}`), "its process is gone");
});

scenario("pid: only the container's own processes, counted from 1", async (t, root) => {
  t.same((await inside(root, "echo $$; ls /proc | grep '^[0-9]' | head -n 1; readlink /proc/self | grep -c '^[0-9]$'")).split("\n"), [
    "1",
    "1",
    "1",
  ]);
  const shared = await inside(root, `readlink /proc/self/ns/pid; test -d /proc/${process.pid} && echo sees the test`, ["--pid", "host"]);
  t.same(shared.split("\n"), [namespaceOf("self", "pid"), "sees the test"], "--pid host");
  await root.ok(["run", "-d", "--name", "first", image, "sleep", "1234"]);
  t.match(await inside(root, "ps", ["--pid", "container:first"]), /\b1 root +sleep 1234/, "--pid container:NAME");
  await root.ok(["rm", "-f", "first"]);
});

scenario("net: lo and one more link; with none only lo, which is up; the host's and another container's on request", async (t, root) => {
  const links = "cd /sys/class/net && echo *";
  t.equal(await root.ok(["run", "--rm", image, "sh", "-c", links]), "eth0 lo");
  const lonely = await inside(root, `${links}; ip -o address show; ping -c 1 -W 30 127.0.0.1 >/dev/null && echo reached`);
  t.match(lonely, /^lo\n/);
  t.match(lonely, /\blo\b.*inet 127\.0\.0\.1\/8/);
  t.match(lonely, /reached$/);
  t.equal(await inside(root, "readlink /proc/self/ns/net", ["--network", "host"]), namespaceOf("self", "net"));
  await root.ok(["run", "-d", "--name", "net", "--hostname", "shown", image, "sleep", "1000"]);
  const pid = await pidOf(root, "net");
  const joined = await inside(root, "readlink /proc/self/ns/net; cat /etc/hosts", ["--network", "container:net"]);
  t.equal(joined.split("\n")[0], namespaceOf(pid, "net"));
  t.match(joined, /\bshown\b/, "with its hosts file");
  await root.ok(["rm", "-f", "net"]);
});

scenario("mnt: nothing of a container is mounted on the host, no namespace is pinned", async (t, root) => {
  const pinned = () => (existsSync("/run/netns") ? readdirSync("/run/netns") : []);
  const before = pinned();
  const id = await root.ok(["run", "-d", "--name", "mounts", image, "sleep", "1000"]);
  const own = (pid: number | "self") => readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
  t.same(
    own("self").filter((line) => line.includes(id) || line.includes(root.path)),
    [],
    "on the host",
  );
  t.same(
    pinned().filter((name) => !before.includes(name) && name.includes(id.slice(0, 8))),
    [],
  );
  t.notOk(own("self").some((line) => line.includes("nsfs") && line.includes(root.path)));
  const pid = await pidOf(root, "mounts");
  t.match(own(pid)[0], / \/ \/ .* - overlay overlay /, "the first mount inside is the root");
  t.notOk(
    own(pid).some((line) => / (\/oldroot|\/old_root|\/\.pivot)/.test(line)),
    "the old root is gone",
  );
  t.same(readdirSync(`${root.path}/containers/${id}/root`), [], "the mount point is empty on the host");
  await root.ok(["rm", "-f", "mounts"]);
});

scenario("ipc: shared memory of the host is not there, unless asked for", async (t, root) => {
  const made = spawnSync("ipcmk", ["-M", "4096"], { encoding: "utf8" }).stdout.match(/\d+/)?.[0] ?? "";
  t.teardown(() => void spawnSync("ipcrm", ["-m", made]));
  const listed = (text: string) => text.split("\n").some((line) => line.trim().split(/\s+/)[1] === made);
  t.notOk(listed(await inside(root, "cat /proc/sysvipc/shm")));
  t.ok(listed(await inside(root, "cat /proc/sysvipc/shm", ["--ipc", "host"])), "--ipc host");
  await root.ok(["run", "-d", "--name", "ipc", "--ipc", "shareable", image, "sleep", "1000"]);
  const pid = await pidOf(root, "ipc");
  t.equal(await inside(root, "readlink /proc/self/ns/ipc", ["--ipc", "container:ipc"]), namespaceOf(pid, "ipc"));
  await root.ok(["rm", "-f", "ipc"]);
});

scenario("uts: a host name of its own, that changes nothing outside", async (t, root) => {
  const before = hostname();
  const id = await root.ok(["run", "-d", image, "sleep", "1000"]);
  t.equal(await root.ok(["exec", id, "hostname"]), id.slice(0, 12));
  t.equal(await inside(root, "hostname; cat /etc/hostname", ["--hostname", "web.example"]), "web.example\nweb.example");
  t.equal(await inside(root, "hostname changed; hostname", ["--cap-add", "SYS_ADMIN"]), "changed");
  t.equal(await inside(root, "hostname", ["--uts", "host"]), before);
  t.equal(hostname(), before);
  await root.ok(["rm", "-f", id]);
});

scenario("cgroup: the container's own is its root, and cannot be written", async (t, root) => {
  const seen = await inside(root, "cut -d: -f3 /proc/self/cgroup | sort -u");
  t.equal(seen, "/");
  const id = await root.ok(["run", "-d", image, "sleep", "1000"]);
  const outside = readFileSync(`/proc/${await pidOf(root, id)}/cgroup`, "utf8");
  t.match(outside, new RegExp(`memory:.*${id}|^0::.*${id}`, "m"), "the host sees it below its id");
  const written = await root.tsns([
    "exec",
    id,
    "sh",
    "-c",
    "find /sys/fs/cgroup -name cgroup.procs | head -n 1 | xargs -I F sh -c 'echo 1 > F'",
  ]);
  t.match(written, { code: /[^0]/, stderr: /Read-only file system/ });
  const below = await root.tsns(["exec", id, "sh", "-c", "find /sys/fs/cgroup -name cgroup.procs | sed 's,[^/]*$,x,' | xargs mkdir"]);
  t.match(below, { code: /[^0]/, stderr: /Read-only file system/ });
  t.notMatch(below.stderr, /No such file|File exists/, "in any hierarchy");
  await root.ok(["rm", "-f", id]);
});
