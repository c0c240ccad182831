// Which mount a path lies on, and the tree of a namespace: shadowed and stacked mounts, recorded hosts.
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { parsePropagation, renderPropagation } from "../../src/mount/propagation.ts";
import { parseMountInfo } from "../../src/mount/state.ts";
import { isAtOrBelow, openMountTable, reachableMounts, renderBranch } from "../../src/mount/table.ts";
import { renderOptions, renderSource } from "../../src/mount/view.ts";

const fixtures = new URL("fixture/", import.meta.url);
const read = (name: string) => parseMountInfo(readFileSync(new URL(name, fixtures), "utf8"));

const line = (id: number, parent: number, target: string) => `${id} ${parent} 0:${id} / ${target} rw - tmpfs none rw`;
const tableOf = (...lines: string[]) => openMountTable(parseMountInfo(lines.join("\n")));

t.test("the nearest mount point wins, even over a deeper one it hides", async (t) => {
  const table = tableOf(line(1, 0, "/"), line(2, 1, "/a/b"), line(3, 1, "/a"));
  t.equal(table.mountOf("/a/b/c")?.id, 3, "/a was mounted after /a/b");
  t.equal(table.mountAt("/a/b"), undefined, "nothing is seen to be mounted there");
  t.equal(table.mountOf("/ab")?.id, 1, "no name is a prefix of another");
});

t.test("of two mounts on one target the later is met", async (t) => {
  const table = tableOf(line(1, 0, "/"), line(2, 1, "/m"), line(3, 2, "/m"), line(4, 3, "/m/x"));
  t.equal(table.mountAt("/m")?.id, 3);
  t.equal(table.mountOf("/m/x/y")?.id, 4);
});

t.test("a text that goes round ends", async (t) => {
  const table = tableOf(line(1, 2, "/"), line(2, 1, "/"));
  table.mountOf("/x");
  t.ok(table.walk().length <= 2);
});

t.test("recorded hosts", async (t) => {
  for (const name of readdirSync(fixtures)) {
    const mounts = read(name);
    const lines = readFileSync(new URL(name, fixtures), "utf8").trim().split("\n");
    t.equal(mounts.length, lines.length, `${name}: every line is a mount`);
    const table = openMountTable(mounts);
    t.same(
      table
        .walk()
        .map(({ mount }) => mount.id)
        .sort((a, b) => a - b),
      mounts.map(({ id }) => id).sort((a, b) => a - b),
      `${name}: the tree has each once`,
    );
  }
  const docker = openMountTable(read("docker.txt"));
  t.equal(docker.mountOf("/sys/firmware/efi")?.type, "tmpfs");
  t.equal(docker.mountOf("/etc/hosts")?.root.endsWith("/hosts"), true);
  const systemd = openMountTable(read("systemd.txt"));
  t.equal(systemd.mountAt("/mnt/a b")?.type, "tmpfs", "a name with a space");
  const branches = systemd.walk().map((node) => `${renderBranch(node)}${node.mount.target}`);
  t.ok(
    branches.some((branch) => /─\/proc\/sys\/fs\/binfmt_misc$/.test(branch)),
    branches.join("\n"),
  );
  t.equal(systemd.mountAt("/proc/sys/fs/binfmt_misc")?.type, "binfmt_misc", "over the autofs that waits for it");
  // A service with PrivateTmp, PrivateDevices, ProtectSystem=strict, ProtectHome and a credential, by systemd 252.
  const service = openMountTable(read("systemd-service.txt"));
  t.match(service.mountAt("/tmp")?.root, /^\/s\/tmp\/systemd-private-\w+-run-u2\.service-\w+\/tmp$/, "its own, over the one it got");
  t.equal(service.mountAt("/home")?.root, "/systemd/inaccessible/dir");
  t.same(parsePropagation(service.mountAt("/run")?.propagation ?? []), { kind: "slave,shared", group: 76, master: 47 });
  const hidden = reachableMounts(service.mounts, ({ target }) => target === "/tmp" || target === "/var/tmp");
  t.same(
    hidden.map(({ id }) => id),
    [186, 187],
  );
});

t.test("propagation", async (t) => {
  t.same(parsePropagation([]), { kind: "private" });
  t.same(parsePropagation(["unbindable"]), { kind: "unbindable" });
  const both = parsePropagation(["shared:170", "master:1", "propagate_from:9"]);
  t.same(both, { kind: "slave,shared", group: 170, master: 1 });
  t.equal(renderPropagation(both), "shared 170, slave of 1");
  t.equal(renderPropagation({ kind: "private" }), "private");
});

t.test("columns", async (t) => {
  t.equal(renderSource({ source: "/dev/vda", root: "/srv", type: "ext4" }), "/dev/vda[/srv]");
  t.equal(renderSource({ source: "nsfs", root: "net:[4026532208]", type: "nsfs" }), "net:[4026532208]");
  t.equal(renderSource({ source: "cgroup", root: "/docker/1", type: "cgroup" }), "cgroup");
  t.equal(renderOptions({ options: ["ro", "nosuid"], superOptions: ["rw", "size=4k", "nosuid"] }), "ro,nosuid,size=4k");
  t.ok(isAtOrBelow("/a", "/") && isAtOrBelow("/", "/") && !isAtOrBelow("/", "/a") && !isAtOrBelow("/ab", "/a"));
});
