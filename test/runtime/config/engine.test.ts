// Documents that real engines wrote for their runtime (podman 4.3, docker 28, containerd 1.6, buildah 1.28): all of them are taken.
import t from "tap";
import { compileSeccomp } from "../../../src/container/seccomp/compile.ts";
import { syscallNumbers } from "../../../src/container/seccomp/table.ts";
import { parseRuntimeConfig, parseRuntimeProcess, parseRuntimeResources } from "../../../src/runtime/config/parse.ts";
import { ARCH, runFilter, wordOf } from "../../fixture/bpf.ts";
import { engineDocument } from "../../fixture/oci-config.ts";

const read = (name: string) => parseRuntimeConfig(engineDocument(name), "/bundle");

t.test("podman, with limits", async (t) => {
  const { config, warnings } = read("podman-limits");
  t.same(warnings, []);
  t.match(config.process, { user: { uid: 1, gid: 2, umask: 0o077 }, noNewPrivileges: true, args: ["/bin/busybox", "echo", "limits"] });
  t.same(config.process?.rlimits.map(({ type, hard }) => [type, hard]).toSorted(), [
    ["RLIMIT_NOFILE", 1024n],
    ["RLIMIT_NPROC", 1024n],
  ]);
  t.match(config.linux.resources, { memory: { limit: 67_108_864n }, pids: { limit: 50n }, cpu: { quota: 50_000n, period: 100_000n } });
  t.equal(config.linux.rootfsPropagation, "slave");
  t.equal(config.linux.sysctl["net.ipv4.ip_forward"], "1");
  t.equal(config.linux.devices[0]?.path, "/dev/fuse");
});

t.test("podman, in a user namespace", async (t) => {
  const { config, warnings } = read("podman-userns");
  t.same(warnings, []);
  t.same(config.linux.uidMappings, [{ containerID: 0, hostID: 100_000, size: 1000 }]);
  t.ok(config.linux.namespaces.some(({ type }) => type === "user"));
});

t.test("docker, with limits", async (t) => {
  const { config, warnings } = read("docker-limits");
  t.same(warnings, []);
  t.match(config.linux.resources.memory, { limit: 67_108_864n, swap: 134_217_728n });
  t.equal(config.process?.oomScoreAdj, 100);
  t.same(config.process?.rlimits, [{ type: "RLIMIT_NOFILE", soft: 100n, hard: 200n }]);
  t.equal(config.hooks.prestart[0]?.args[0], "libnetwork-setkey");
  t.same(config.process?.capabilities?.bounding, ["CAP_NET_ADMIN"]);
  const { profile } = config.linux.seccomp ?? {};
  const hex = profile ? compileSeccomp(profile, { host: "amd64", kernel: [6, 18], capabilities: [] }) : "";
  const ask = (name: string) => wordOf(runFilter(hex, { number: syscallNumbers("SCMP_ARCH_X86_64").get(name) ?? 0, arch: ARCH.x86_64 }));
  t.same(["read", "mount", "clone3", "setns"].map(ask), ["allow", "errno 1", "errno 38", "errno 1"]);
});

t.test("docker, on the host's namespaces", async (t) => {
  const { config, warnings } = read("docker-host");
  t.same(warnings, []);
  t.same(config.linux.namespaces, [{ type: "mount" }, { type: "network", path: "/run/docker/netns/default" }]);
  t.equal(config.hostname, undefined);
});

t.test("containerd", async (t) => {
  const { config, warnings } = read("containerd");
  t.same(warnings, []);
  t.equal(config.linux.cgroupsPath, "/default/c2");
  t.equal(config.linux.resources.memory?.limit, 33_554_432n);
});

t.test("buildah", async (t) => {
  const { config, warnings } = read("buildah");
  t.same(warnings, []);
  t.same(config.process?.capabilities?.ambient, []);
  t.ok(config.mounts.some(({ destination }) => destination === "/run/.containerenv"));
});

t.test("exec and update", async (t) => {
  t.match(parseRuntimeProcess(engineDocument("podman-exec")).process, { terminal: true, cwd: "/tmp", user: { uid: 5 } });
  t.match(parseRuntimeProcess(engineDocument("docker-exec")).process, { terminal: true, cwd: "/tmp", user: { uid: 5 } });
  const { memory, cpu } = parseRuntimeResources(engineDocument("docker-update")).resources;
  t.same({ memory, cpu }, { memory: { limit: 33_554_432n, swap: 67_108_864n }, cpu: {} }, "what was not asked for stays");
});
