// --systemd-cgroup of a user who is not root, under a systemd of his own: on cgroup v2, as on v1 no user may make groups.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needPrograms } from "../fixture/oci-caller.ts";
import { openSystemd } from "../fixture/systemd.ts";
import { waitFor } from "../fixture/wait.ts";

const uid = 1000;
const manager = `/user.slice/user-${uid}.slice/user@${uid}.service`;
const group = `${manager}/user.slice/box-one.scope`;

/** A user's own ids in the container, and of the host's proc file system what can be had where parts of it are hidden. */
function asUser(config: Document): void {
  const { linux, mounts } = config;
  // Without controllers on v2 there is nothing that could be limited.
  const resources = existsSync("/sys/fs/cgroup/cgroup.controllers") ? { memory: { limit: 64 << 20 }, pids: { limit: 33 } } : {};
  const ids = [{ containerID: 0, hostID: uid, size: 1 }];
  Object.assign(linux, { cgroupsPath: ":box:one", uidMappings: ids, gidMappings: ids, resources });
  linux.namespaces = [...linux.namespaces.filter(({ type }: Document) => type !== "network" && type !== "cgroup"), { type: "user" }];
  const proc = { destination: "/proc", type: "none", source: "/proc", options: ["rbind"] };
  config.mounts = [proc, ...mounts.filter(({ destination }: Document) => !/^\/(proc|sys.*|dev\/(mqueue|pts))$/.test(destination))];
}

t.test("a user's container is in a scope of his systemd", needPrograms("systemd", "busctl", "dbus-daemon", "setpriv"), async (t) => {
  const systemd = await openSystemd(t, "v2");
  systemd.ok(["systemctl", "start", `user@${uid}.service`]);
  const environment = [`HOME=/run/user/${uid}`, `XDG_RUNTIME_DIR=/run/user/${uid}`];
  const user = ["setpriv", "--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups", "env", ...environment];
  // Where programs are that the user's systemd has started.
  const inside = `at=/sys/fs/cgroup${manager}/caller; mkdir -p $at; chown -R ${uid} $at; echo 0 >$at/cgroup.procs; exec "$@"`;
  const words = (args: readonly string[]) => systemd.words(["sh", "-ec", inside, "sh", ...user, ...args]);
  systemd.ok(["chmod", "0777", systemd.directory]);
  const box = openOciBox(t, { directory: systemd.directory, words });
  const bundle = (script: string, change: (config: Document) => void = () => {}) => {
    const path = box.bundle(script, (config) => {
      asUser(config);
      change(config);
    });
    systemd.ok(["chmod", "-R", "a+rwX", dirname(box.root)]);
    return path;
  };
  const show = () => {
    const [program = "", ...rest] = words([
      "systemctl",
      "--user",
      "show",
      "--property=ActiveState,ControlGroup,TasksMax,MemoryMax",
      "box-one.scope",
    ]);
    return spawnSync(program, rest, { encoding: "utf8" }).stdout;
  };

  const made = box.oci(["--systemd-cgroup", "create", "--bundle", bundle("sleep 1000"), "box"]);
  t.same([made.status, made.stderr], [0, ""]);
  t.match(show(), /^ActiveState=active$/m);
  t.match(show(), new RegExp(`^ControlGroup=${group}$`, "m"));
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) {
    t.match(show(), /^MemoryMax=67108864$/m);
    t.match(show(), /^TasksMax=33$/m);
    t.equal(systemd.ok(["cat", `/sys/fs/cgroup${group}/pids.max`]), "33");
  }
  t.equal(systemd.ok(["cat", `/sys/fs/cgroup${group}/cgroup.procs`]), `${box.state("box").pid}`, "nobody else is in it");
  t.equal(box.oci(["start", "box"]).stderr, "");
  t.match(box.oci(["exec", "box", "cat", "/proc/self/cgroup"]).stdout, new RegExp(`^0::${group}$`, "m"));
  t.equal(box.oci(["kill", "box", "KILL"]).stderr, "");
  await waitFor("the container to end", () => box.state("box").status === "stopped");
  const removed = box.oci(["delete", "box"]);
  t.same([removed.status, removed.stderr], [0, ""]);
  t.match(show(), /^ActiveState=inactive$/m);

  const nosuch = bundle("", ({ process }) => Object.assign(process, { args: ["nosuch"] }));
  t.match(box.oci(["--systemd-cgroup", "create", "--bundle", nosuch, "box"]), { status: 1, stderr: /^tsns: exec: "nosuch": .*\n$/ });
  t.match(show(), /^ActiveState=inactive$/m, "it asks his systemd when it takes back as well");

  const outside = openOciBox(t, { directory: systemd.directory, words: (args) => systemd.words([...user, ...args]) });
  const path = outside.bundle("true", asUser);
  systemd.ok(["chmod", "-R", "a+rwX", dirname(outside.root)]);
  const stderr = new RegExp(`^tsns: --systemd-cgroup: no process of this group may be moved to ${group} \\(.*systemd-run --user --scope`);
  t.match(outside.oci(["--systemd-cgroup", "create", "--bundle", path, "box"]), { status: 1, stderr });
});
