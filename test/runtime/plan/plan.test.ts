import t, { type Test } from "tap";
import { CLONE, MS } from "../../../src/plan/operation.ts";
import type { RuntimeConfig } from "../../../src/runtime/config/type.ts";
import { planRuntime } from "../../../src/runtime/plan/plan.ts";
import { plainConfig, plainPlace, plainProcess } from "../../fixture/runtime-config.ts";

const withLinux = (linux: Partial<RuntimeConfig["linux"]>): RuntimeConfig => ({
  ...plainConfig,
  linux: { ...plainConfig.linux, ...linux },
});
const names = (operations: readonly (readonly string[])[]) => operations.map(([name]) => name);

/** Asserts that these stand in this order among the names. */
function inOrder(t: Test, found: readonly (string | undefined)[], wanted: readonly string[]) {
  let from = 0;
  for (const name of wanted) {
    const at = found.indexOf(name, from);
    t.ok(at >= 0, `${name} comes after what stands before it`);
    from = at + 1;
  }
}

t.test("a container waits at its gate when all that may fail has been done", async (t) => {
  const { monitor, init } = planRuntime(plainConfig, plainPlace);
  inOrder(t, names(monitor), ["stdio", "gate", "clone"]);
  inOrder(t, names(init), ["mount", "mount", "root", "mknod-at", "barrier", "pivot", "keyring", "env", "user", "become", "find-exec"]);
  t.same(names(init).slice(-4), ["find-exec", "await-start", "no-new-privs", "exec"]);
});

t.test("namespaces are made with init, joined, or the host's (config-linux.md, Namespaces)", async (t) => {
  const { monitor, init } = planRuntime(
    withLinux({ namespaces: [{ type: "mount" }, { type: "network", path: "/n" }, { type: "pid", path: "/p" }, { type: "uts" }] }),
    plainPlace,
  );
  t.same(monitor.at(-1), ["clone", `${0x00020000 | 0x04000000}`]);
  t.same(
    monitor.filter(([name]) => name === "open" || name === "setns"),
    [
      ["open", "100", "/n"],
      ["open", "101", "/p"],
      ["setns", "101", `${0x20000000}`, "/p"],
    ],
  );
  t.same(init[0], ["setns", "100", `${0x40000000}`, "/n"]);
});

t.test("a user namespace owns the others; what is the host's is entered before it, or else by init", async (t) => {
  const maps = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const { monitor, init } = planRuntime(
    withLinux({
      namespaces: [{ type: "user" }, { type: "mount" }, { type: "network", path: "/n" }],
      uidMappings: maps,
      gidMappings: maps,
    }),
    plainPlace,
  );
  inOrder(t, names(monitor), ["open", "join", "userns", "clone"]);
  t.same(
    monitor.find(([name]) => name === "userns"),
    ["userns", "109", "0 100000 65536\n", "0 100000 65536\n"],
  );
  t.same(init[0], ["setns", "100", `${0x40000000}`, "/n"]);
  inOrder(t, names(init), ["root", "ns-root", "pivot"]);
});

t.test("a new ipc namespace is made by the root of a user namespace, to whom its message queues then belong", async (t) => {
  const maps = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const { monitor, init } = planRuntime(
    withLinux({ namespaces: [{ type: "user" }, { type: "mount" }, { type: "ipc" }], uidMappings: maps, gidMappings: maps }),
    plainPlace,
  );
  t.same(monitor.at(-1), ["clone", `${CLONE.NEWNS}`]);
  inOrder(t, names(init), ["root", "ns-root", "unshare", "pivot"]);
  t.same(
    init.find(([name]) => name === "unshare"),
    ["unshare", `${CLONE.NEWIPC}`],
  );
  const plain = planRuntime(withLinux({ namespaces: [{ type: "mount" }, { type: "ipc" }] }), plainPlace);
  t.same(plain.monitor.at(-1), ["clone", `${CLONE.NEWNS | CLONE.NEWIPC}`]);
});

t.test("the loopback link of a new network namespace is up", async (t) => {
  const own = planRuntime(withLinux({ namespaces: [{ type: "mount" }, { type: "network" }] }), plainPlace);
  t.same(names(own.init).slice(0, 2), ["netlink-socket", "netlink"]);
  t.notOk(names(planRuntime(plainConfig, plainPlace).init).includes("netlink"));
});

t.test("without a mount namespace the root is only changed", async (t) => {
  const { init } = planRuntime(withLinux({ namespaces: [{ type: "pid" }] }), plainPlace);
  t.ok(names(init).includes("change-root"));
  t.notOk(names(init).includes("mount"));
});

t.test("rootfsPropagation is the root's in the end (config-linux.md, Rootfs Mount Propagation)", async (t) => {
  for (const [word, flag] of [
    ["shared", MS.SHARED],
    ["slave", MS.SLAVE],
    ["private", MS.PRIVATE],
    ["unbindable", MS.UNBINDABLE],
  ] as const) {
    const { init } = planRuntime(withLinux({ rootfsPropagation: word }), plainPlace);
    const at = names(init).indexOf("pivot");
    t.same(init[at + 1], ["mount", "", "/", "", `${flag}`, ""], word);
  }
});

t.test("binds are opened on the host and put down inside, with their attributes after", async (t) => {
  const mounts = [
    { destination: "/data", type: "bind", source: "/srv", options: ["rbind", "ro", "rprivate"], uidMappings: [], gidMappings: [] },
    { destination: "/t", type: "tmpfs", source: "tmpfs", options: ["ro", "size=1m"], uidMappings: [], gidMappings: [] },
  ];
  const { init } = planRuntime({ ...plainConfig, mounts }, plainPlace);
  const at = names(init).indexOf("bind-at");
  t.same(init.slice(at, at + 3), [
    ["bind-at", "/srv", "/data", "0", "1", "0"],
    ["mount-set-at", "/data", "1", "0", "0", "0"],
    ["mount-set-at", "/data", "0", "0", "1", `${MS.PRIVATE}`],
  ]);
  const tmpfs = init.find(([name, , path]) => name === "tmpfs-at" && path === "/t");
  t.same(tmpfs, ["tmpfs-at", "tmpfs", "/t", "0", "size=1m"], "writable while mounts below it are made");
  t.ok(
    init.some(([name, path, set]) => name === "mount-set-at" && path === "/t" && set === "1"),
    "and read-only in the end",
  );
});

const mount = (destination: string, type: string, ...options: string[]) => ({
  ...{ destination, type, source: type, options },
  ...{ uidMappings: [], gidMappings: [] },
});

t.test("Mounts: what is listed after the cgroups comes after them, paths are masked last (config.md, Mounts)", async (t) => {
  const mounts = [mount("/ro", "tmpfs", "ro"), mount("/cg", "cgroup"), mount("/cg/below", "tmpfs"), mount("/dev", "tmpfs")];
  const config = withLinux({ maskedPaths: ["/cg/a"], readonlyPaths: ["/cg/b"], namespaces: [{ type: "mount" }] });
  const { init } = planRuntime({ ...config, mounts }, { ...plainPlace, groups: { joins: [], into: "/g" } });
  const told = init.map(([name, ...words]) => `${name} ${words.find((word) => /^\/(ro|cg|dev)/.test(word)) ?? ""}`.trim());
  inOrder(t, told, [
    "tmpfs-at /ro",
    "barrier",
    "bind-at /cg",
    "tmpfs-at /cg/below",
    "tmpfs-at /dev",
    "mknod-at /dev/null",
    "mount-set-at /ro",
    "mask-at /cg/a",
    "readonly-at /cg/b",
    "pivot",
  ]);
});

t.test("Mounts: remount gives what is there other flags, propagation alone nothing else", async (t) => {
  const of = (...mounts: ReturnType<typeof mount>[]) =>
    planRuntime({ ...plainConfig, mounts }, plainPlace).init.filter((operation) => operation.includes("/p"));
  t.same(of(mount("/p", "tmpfs", "remount", "ro", "size=1k")), [
    ["mount-at", "tmpfs", "/p", "tmpfs", `${MS.REMOUNT | MS.RDONLY}`, "size=1k"],
  ]);
  t.same(of(mount("/p", "", "bind", "remount", "ro", "nosuid")), [["remount-at", "/p", `${MS.RDONLY | MS.NOSUID}`]]);
  t.same(of(mount("/p", "", "rshared")), [["mount-set-at", "/p", "0", "0", "1", `${MS.SHARED}`]]);
});

t.test("Mounts: what is shared is so with the host only where the root is", async (t) => {
  const spreadOf = (rootfsPropagation: "shared" | "slave" | "private", ...words: string[]) => {
    const config = { ...withLinux({ rootfsPropagation }), mounts: [{ ...mount("/p", "", "rbind", ...words), source: "/srv" }] };
    return planRuntime(config, plainPlace)
      .init.filter(([name, path]) => name === "mount-set-at" && path === "/p")
      .map(([, , , , recursive, spread]) => `${recursive} ${spread}`);
  };
  t.same(spreadOf("slave", "rshared"), [`1 ${MS.SLAVE}`, `1 ${MS.SHARED}`]);
  t.same(spreadOf("private", "shared"), [`1 ${MS.PRIVATE}`, `0 ${MS.SHARED}`]);
  t.same(spreadOf("shared", "rshared"), [`1 ${MS.SHARED}`]);
  t.same(spreadOf("shared"), []);
  t.same(spreadOf("slave"), [`1 ${MS.SLAVE}`]);
  t.same(spreadOf("slave", "rprivate"), [`1 ${MS.PRIVATE}`]);
});

t.test("Devices: outside of /dev there are no nodes in a /dev of the host, and those of the configuration", async (t) => {
  const devices = ["/dev/own", "/srv/own"].map((path) => ({ path, type: "c" as const, major: 1, minor: 3 }));
  const config = { ...withLinux({ devices }), mounts: [{ ...mount("/dev", "bind"), source: "/dev" }] };
  t.same(
    planRuntime(config, plainPlace).init.filter(([name]) => name === "mknod-at"),
    [["mknod-at", "/srv/own", "20666", "1", "3", "same"]],
  );
});

t.test("POSIX-platform User: the groups are those that are listed", async (t) => {
  const process = { ...plainProcess, user: { uid: 1, gid: 2, additionalGids: [3, 4] } };
  t.same(
    planRuntime({ ...plainConfig, process }, plainPlace).init.find(([name]) => name === "user"),
    ["user", "1:2", "3,4", "exact"],
  );
});

t.test("a configuration without process can be created, not become a program (config.md, Process)", async (t) => {
  const { process: _, ...rest } = plainConfig;
  t.same(names(planRuntime(rest, plainPlace).init).slice(-2), ["await-start", "end"]);
});

t.test("a filter is set last of all: what it refuses is the program's (seccomp(2))", async (t) => {
  const seccomp = { hex: "00", flags: 0 };
  const late = names(planRuntime(plainConfig, { ...plainPlace, seccomp }).init);
  t.same(late.slice(-4), ["await-start", "no-new-privs", "seccomp", "exec"]);
  const process = { ...plainProcess, noNewPrivileges: false };
  const { init } = planRuntime({ ...plainConfig, process }, { ...plainPlace, seccomp });
  t.same(names(init).slice(-3), ["await-start", "seccomp", "exec"]);
  t.same(
    init.find(([name]) => name === "become"),
    ["become", "hold"],
    "with the right to set it",
  );
});
