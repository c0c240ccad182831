// Containers with a user namespace of their own: root inside is nobody in particular outside.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image, inside, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const mapped = ["--userns", "private"];

scenario("root inside, an ordinary id outside", async (t, root) => {
  t.match((await inside(root, "cat /proc/self/uid_map /proc/self/gid_map", mapped)).split("\n"), [
    /^\s*0 +100000 +65536$/,
    /^\s*0 +100000 +65536$/,
  ]);
  t.match(await inside(root, "cat /proc/self/uid_map", ["--userns", "private:300000:1000"]), /^\s*0 +300000 +1000$/);
  await root.ok(["run", "-d", "--name", "mapped", ...mapped, image, "sleep", "1000"]);
  const pid = await pidOf(root, "mapped");
  t.match(readFileSync(`/proc/${pid}/status`, "utf8"), /^Uid:\t100000\t100000\t100000\t100000\nGid:\t100000\t/m);
  for (const kind of ["user", "pid", "net", "mnt", "ipc", "uts", "cgroup"])
    t.not(readlinkSync(`/proc/${pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`), kind);
  t.equal(
    await root.ok(["exec", "mapped", "sh", "-c", "id -u; readlink /proc/self/ns/user"]),
    `0\n${readlinkSync(`/proc/${pid}/ns/user`)}`,
  );
  t.equal(await root.ok(["exec", "-u", "nobody", "mapped", "id", "-u"]), "65534");
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.UsernsMode}}", "mapped"]), "private");
  await root.ok(["rm", "-f", "mapped"]);
});

scenario("the image's files are root's inside, new files stay so after a restart", async (t, root) => {
  const script =
    "stat -c %u:%g /bin/busybox /etc /etc/hosts; echo x >> /root/kept; stat -c %u /root/kept; chown 5 /root/kept; wc -l < /root/kept";
  await root.ok(["create", "--name", "owner", "--network", "none", ...mapped, image, "sh", "-c", script]);
  t.equal(await root.ok(["start", "-a", "owner"]), "0:0\n0:0\n0:0\n0\n1");
  t.equal(await root.ok(["start", "-a", "owner"]), "0:0\n0:0\n0:0\n5\n2");
  t.same((await root.ok(["diff", "owner"])).split("\n").sort(), ["A /root/kept", "C /root"]);
  await root.ok(["rm", "owner"]);
  t.equal(await inside(root, "stat -c %u /bin/busybox"), "0", "another container sees the same image as ever");
});

scenario("it has no rights over what is the host's", async (t, root) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-owned-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "secret"), "", { mode: 0o600 });
  const said = await inside(
    root,
    "cat /v/secret; touch /v/x; chown 0 /v; stat -c %u /v; (mknod /tmp/n c 1 5 && head -c 1 /tmp/n); hostname x; mount -t proc p /mnt; true",
    [...mapped, ...["-v", `${folder}:/v`, "--cap-add", "ALL"]],
  );
  t.match(said, /^65534/m, "the host's root is nobody inside");
  t.same(readdirSync(folder), ["secret"]);
  t.equal(statSync(folder).uid, 0);
});

scenario("network, hostname, devices, mounts, terminal and privilege work as without", async (t, root) => {
  const gateway = await root.ok([
    "run",
    "--rm",
    ...mapped,
    image,
    "sh",
    "-c",
    "ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p' | xargs ping -c 1 -W 5 > /dev/null && echo reached",
  ]);
  t.equal(gateway, "reached");
  t.equal(
    await inside(root, "hostname; echo x > /dev/null; head -c 2 /dev/zero | wc -c; touch /dev/shm/x /tmp/y && echo wrote", [
      ...mapped,
      "--hostname",
      "own",
      "--tmpfs",
      "/tmp",
    ]),
    "own\n2\nwrote",
  );
  t.match(await root.ok(["run", "--rm", "-t", "--network", "none", ...mapped, image, "tty"]), /^\/dev\/pts\/\d+\r?$/);
  t.match(await inside(root, "grep CapEff /proc/self/status", mapped), /00000000a80425fb/);
  t.match(await inside(root, "grep -c . /proc/self/status; touch /x 2>&1 || true", [...mapped, "--read-only"]), /Read-only file system/);
  t.equal((await root.tsns(["run", "--rm", "--network", "none", "--memory", "16m", ...mapped, image, "tail", "/dev/zero"])).code, 137);
});
