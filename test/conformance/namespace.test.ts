// Containers in namespaces of others, a user namespace among them, and in the host's: config-linux.md of the OCI runtime specification 1.2, Namespaces.
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = () => ({ ...needRoot, buffered: true });
const maps = [{ containerID: 0, hostID: 100_000, size: 1000 }];

function withUser(config: Document): void {
  config.linux.namespaces.push({ type: "user" });
  Object.assign(config.linux, { uidMappings: maps, gidMappings: maps });
  for (const mount of config.mounts) mount.options = mount.options?.filter((word: string) => word !== "gid=5");
}

/** The process of a container that waits to be started. */
function created(t: Test, box: OciBox, id: string, change: (config: Document) => void): number {
  const { status, stderr } = box.oci(["create", "--bundle", box.bundle("true", change), id]);
  t.equal(status, 0, stderr);
  return box.state(id).pid;
}

function ran(t: Test, box: OciBox, id: string, script: string, change: (config: Document, bundle: string) => void): string {
  const { status, stdout, stderr } = box.oci(["run", "--bundle", box.bundle(script, change), id]);
  t.equal(status, 0, stderr);
  return stdout.trim();
}

const fileOf = (type: string): string => ({ network: "net", mount: "mnt" })[type] ?? type;

/** All of them but the mount namespace are those of that process. */
function joinAll(config: Document, pid: number): void {
  config.linux.namespaces = config.linux.namespaces.map(({ type }: Document) =>
    type === "mount" ? { type } : { type, path: `/proc/${pid}/ns/${fileOf(type)}` },
  );
  config.hostname = undefined;
}

t.test("all namespaces of another container, its user and time namespace too", options(), async (t) => {
  const box = openOciBox(t);
  const other = (config: Document) => {
    withUser(config);
    config.linux.namespaces.push({ type: "time" });
  };
  const first = created(t, box, "first", (config) => {
    other(config);
    config.linux.timeOffsets = { boottime: { secs: 1_000_000, nanosecs: 0 } };
  });
  const second = created(t, box, "second", (config) => {
    other(config);
    joinAll(config, first);
    Object.assign(config.linux, { uidMappings: [], gidMappings: [] });
  });
  for (const kind of ["user", "pid", "net", "ipc", "uts", "time"])
    t.equal(readlinkSync(`/proc/${second}/ns/${kind}`), readlinkSync(`/proc/${first}/ns/${kind}`), kind);
});

t.test("namespaces that belong to the host, beside a user namespace that is joined or new", options(), async (t) => {
  const box = openOciBox(t);
  const network = { type: "network", path: "/proc/self/ns/net" };
  const first = created(t, box, "user", withUser);
  const change = (user: Document) => (config: Document) => {
    withUser(config);
    const rest = config.linux.namespaces.filter(({ type }: Document) => type !== "network" && type !== "user");
    config.linux.namespaces = [...rest, network, user];
    config.mounts = config.mounts.filter(({ destination }: Document) => !destination.startsWith("/sys"));
    if (user.path) Object.assign(config.linux, { uidMappings: [], gidMappings: [] });
  };
  const joined = created(t, box, "joined", change({ type: "user", path: `/proc/${first}/ns/user` }));
  const fresh = created(t, box, "fresh", change({ type: "user" }));
  for (const pid of [joined, fresh]) t.equal(readlinkSync(`/proc/${pid}/ns/net`), readlinkSync("/proc/self/ns/net"));
  t.equal(readlinkSync(`/proc/${joined}/ns/user`), readlinkSync(`/proc/${first}/ns/user`));
});

t.test("hooks of the runtime are in its own namespaces, whatever a container in a user namespace joins", options(), async (t) => {
  const box = openOciBox(t);
  const first = created(t, box, "first", () => {});
  let seen = "";
  created(t, box, "second", (config) => {
    seen = `${box.root}-seen`;
    withUser(config);
    config.linux.namespaces = config.linux.namespaces.map((each: Document) =>
      each.type === "network" ? { ...each, path: `/proc/${first}/ns/net` } : each,
    );
    config.mounts = config.mounts.filter(({ destination }: Document) => !destination.startsWith("/sys"));
    config.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", `readlink /proc/self/ns/net > ${seen}`] }] };
  });
  t.equal(readFileSync(seen, "utf8").trim(), readlinkSync("/proc/self/ns/net"));
});

t.test("a namespace that cannot be joined is named by its path", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", (config) => {
    withUser(config);
    const rest = config.linux.namespaces.filter(({ type }: Document) => type !== "pid");
    config.linux.namespaces = [...rest, { type: "pid", path: "/proc/self/ns/uts" }];
  });
  const { status, stderr } = box.oci(["create", "--bundle", bundle, "wrong"]);
  t.equal(status, 1);
  t.match(stderr, /join \/proc\/self\/ns\/uts: setns: invalid argument/);
});

t.test("idmap without maps of its own: those of a user namespace that is joined", options(), async (t) => {
  const box = openOciBox(t);
  const first = created(t, box, "first", withUser);
  const seen = ran(t, box, "second", "stat -c '%u:%g' /data/file /plain/file", (config, bundle) => {
    mkdirSync(`${bundle}/source`);
    writeFileSync(`${bundle}/source/file`, "");
    for (const name of ["data", "plain"]) mkdirSync(`${bundle}/rootfs/${name}`);
    withUser(config);
    joinAll(config, first);
    Object.assign(config.linux, { uidMappings: [], gidMappings: [] });
    config.mounts.push(
      { destination: "/data", source: "source", options: ["bind", "idmap"] },
      { destination: "/plain", source: "source", options: ["bind"] },
    );
  });
  t.equal(seen, "0:0\n65534:65534");
});

t.test("a root that is read-only, without a mount namespace of its own", options(), async (t) => {
  const box = openOciBox(t);
  let top = "";
  const mounted = () =>
    readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(top)).length;
  const seen = ran(t, box, "host", "touch /new 2>&1", (config, bundle) => {
    top = bundle;
    config.linux = { namespaces: [{ type: "pid" }], cgroupsPath: config.linux.cgroupsPath };
    config.hostname = undefined;
    config.root.readonly = true;
    config.mounts = [];
    config.process.args = ["sh", "-c", "touch /new 2>&1 || true"];
  });
  t.match(seen, /Read-only file system/);
  t.equal(mounted(), 0, "nothing of it stays");
  writeFileSync(`${top}/rootfs/new`, "the host's is as it was");
});
