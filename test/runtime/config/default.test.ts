// The configuration that `oci spec` writes can be read again, means what it says, and asks for nothing that cannot be had.
import t from "tap";
import { defaultSpec } from "../../../src/runtime/config/default.ts";
import { parseRuntimeConfig } from "../../../src/runtime/config/parse.ts";

const read = (choice?: Parameters<typeof defaultSpec>[0]) => parseRuntimeConfig(JSON.stringify(defaultSpec(choice), null, "\t"), "/bundle");

t.test("of root", async (t) => {
  const { config, warnings } = read();
  t.same(warnings, []);
  t.match(config, {
    process: { terminal: true, args: ["sh"], cwd: "/", noNewPrivileges: true, user: { uid: 0, gid: 0 } },
    root: { path: "rootfs", readonly: true },
    hostname: "tsns",
  });
  t.same(
    config.linux.namespaces.map(({ type }) => type),
    ["pid", "network", "ipc", "uts", "mount"],
  );
  t.same(config.linux.resources.devices, [{ allow: false, type: "a", access: "rwm" }]);
  t.same(
    config.mounts.map(({ destination }) => destination),
    ["/proc", "/dev", "/dev/pts", "/sys", "/dev/mqueue", "/dev/shm", "/sys/fs/cgroup"],
  );
  t.ok(config.linux.maskedPaths.includes("/proc/kcore"));
  t.ok(config.linux.readonlyPaths.includes("/proc/sys"));
});

t.test("of others", async (t) => {
  const { config, warnings } = read({ rootless: { uid: 1000, gid: 100 } });
  t.same(warnings, []);
  t.same(
    config.linux.namespaces.map(({ type }) => type),
    ["pid", "ipc", "uts", "mount", "user"],
  );
  t.same(config.linux.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  t.same(config.linux.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }]);
  t.same(config.linux.resources.devices, [], "nothing that only root may set");
  t.match(
    config.mounts.find(({ destination }) => destination === "/sys"),
    { source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"] },
  );
  t.notOk(
    config.mounts.some(({ options }) => options.some((option) => /^[ug]id=/.test(option))),
    "no ids without a mapping",
  );
});

t.test("on cgroup v2", async (t) => {
  t.ok(read({ unified: true }).config.linux.namespaces.some(({ type }) => type === "cgroup"));
});
