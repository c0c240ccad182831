// The OCI runtime without privileges on cgroup v2: in a group that was delegated, and without one.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { type Document, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { newGroup, onUnified, top } from "./runtime-group.ts";

/** nobody and nogroup, of every Debian. */
const user = 65_534;

t.test("rootless: in a group that was delegated, and without one", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const above = group.directory.replace(/\/box$/, "");
  const session = `${above}/session`;
  mkdirSync(session, { recursive: true });
  t.teardown(() => rmdirSync(session));
  for (const controller of ["memory", "pids"]) {
    writeFileSync(`${top}/cgroup.subtree_control`, `+${controller}`);
    writeFileSync(`${above}/cgroup.subtree_control`, `+${controller}`);
  }
  const own = [above, session, ...[above, session].flatMap((one) => ["procs", "subtree_control"].map((file) => `${one}/cgroup.${file}`))];
  spawnSync("chown", [`${user}:${user}`, ...own]);
  const bundle = box.bundle("exec sleep 1000", (config) => {
    const mapping = [{ containerID: 0, hostID: user, size: 1 }];
    Object.assign(config.linux, { uidMappings: mapping, gidMappings: mapping, resources: { pids: { limit: 21 } } });
    delete config.linux.cgroupsPath;
    config.linux.namespaces = ["user", "mount", "pid", "ipc", "uts", "cgroup"].map((type) => ({ type }));
    config.mounts = config.mounts.filter(({ destination }: Document) => ["/proc", "/dev", "/sys/fs/cgroup"].includes(destination));
  });
  const directory = bundle.replace(/\/[^/]*$/, "");
  spawnSync("chown", ["-R", `${user}:${user}`, directory]);
  let calls = 0;
  const oci = (args: readonly string[], joins = session) => {
    const files = ["out", "err"].map((name) => `${directory}/user-${name}${calls}`);
    calls++;
    const descriptors = files.map((file) => openSync(file, "w"));
    const words = [
      "setpriv",
      "--reuid",
      `${user}`,
      "--regid",
      `${user}`,
      "--clear-groups",
      ociProgram,
      "--root",
      `${directory}/own`,
      ...args,
    ];
    const { status } = spawnSync("sh", ["-c", 'echo $$ >"$0"/cgroup.procs && exec "$@"', joins, ...words], {
      stdio: ["ignore", ...descriptors],
      timeout: 60_000,
    });
    for (const descriptor of descriptors) closeSync(descriptor);
    const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
    return { status, stdout, stderr };
  };
  t.match(oci(["run", "--detach", "--bundle", bundle, "mine"]), { status: 0, stderr: "" });
  t.equal(readFileSync(`${above}/oci-mine/pids.max`, "utf8"), "21\n", "beside the group the user is in");
  t.match(oci(["pause", "mine"]), { status: 0, stderr: "" });
  t.match(readFileSync(`${above}/oci-mine/cgroup.events`, "utf8"), /^frozen 1$/m);
  t.match(oci(["resume", "mine"]), { status: 0, stderr: "" });
  t.match(oci(["update", "--memory", "64m", "mine"]), { status: 0, stderr: "" });
  t.equal(readFileSync(`${above}/oci-mine/memory.max`, "utf8"), "67108864\n");
  t.match(oci(["exec", "mine", "true"]), { status: 0, stderr: "" });
  t.match(oci(["delete", "--force", "mine"]), { status: 0, stderr: "" });
  t.notOk(existsSync(`${above}/oci-mine`));
  const elsewhere = `${above}-elsewhere`;
  mkdirSync(elsewhere);
  t.teardown(() => rmdirSync(elsewhere));
  t.match(oci(["run", "--bundle", bundle, "mine"], elsewhere), {
    status: 1,
    stderr: /pids\.max cannot be kept: this user may not make the group/,
  });
});
