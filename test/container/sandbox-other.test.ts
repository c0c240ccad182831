import t from "tap";
import { planOtherRuntime, runtimeLog } from "../../src/container/sandbox-other.ts";
import type { Operation } from "../../src/plan/operation.ts";

const setUp: Operation[] = [["netlink-socket", "101"]];
const input = {
  overlay: { lower: ["/l"], upper: "/u", work: "/w" },
  monitor: [["stdio", "pipe"]] satisfies Operation[],
  network: { monitor: [["netlink-socket", "100"]] satisfies Operation[], init: setUp },
};
const runtime = { program: "/bin/run", state: "/c/state", container: "id", bundle: "/c/bundle", terminal: false };
const words = (operations: readonly Operation[]): string[] => operations.map((operation) => operation.join(" ").trim());
const command = "/bin/run --root /c/state --log /c/bundle/runtime.log --log-format json";

t.test("the monitor mounts the root and binds the network namespace, both where only it sees them", async (t) => {
  const { monitor, init } = planOtherRuntime("/c/root", input, { ...runtime, network: "/c/bundle/network" });
  t.same(words(monitor), [
    "stdio pipe",
    "netlink-socket 100",
    `unshare ${0x20000}`,
    `mount  /  ${(1 << 19) | 16384}`,
    "open 104 /proc/self/ns/net",
    `unshare ${0x40000000}`,
    "netlink-socket 101",
    "mount /proc/self/ns/net /c/bundle/network  4096",
    `setns 104 ${0x40000000}`,
    "mount overlay /c/root overlay 0 lowerdir=/l,upperdir=/u,workdir=/w",
    `runtime-start /c/bundle ${command} start id`,
    `runtime-create /c/bundle /c/bundle/pid  ${command} create --bundle /c/bundle --pid-file /c/bundle/pid id`,
  ]);
  t.same(words(init), ["end"]);
});

t.test("a network that is not its own is left alone", async (t) => {
  const { monitor } = planOtherRuntime("/c/root", input, runtime);
  t.notOk(words(monitor).some((line) => /setns|ns\/net|socket 101/.test(line)));
});

t.test("the socket for its terminal is named as short as can be: names of sockets have room for 107 bytes", async (t) => {
  const bundle = `/${"long/".repeat(40)}bundle`;
  const { monitor } = planOtherRuntime("/c/root", input, { ...runtime, bundle, terminal: true });
  const [, folder, pidFile, socket, ...rest] = monitor.at(-1) ?? [];
  t.same([folder, pidFile, socket], [bundle, `${bundle}/pid`, `${bundle}/console`]);
  t.equal(rest[rest.indexOf("--console-socket") + 1], "console");
  t.ok(rest.includes(runtimeLog(bundle)));
});

t.test("a file system of its own for what is written lies below the root", async (t) => {
  const { monitor } = planOtherRuntime("/c/root", { ...input, upperImage: { file: "/c/upper.ext4", target: "/c/layer" } }, runtime);
  const names = monitor.map(([name]) => name);
  t.ok(names.indexOf("loop-mount") >= 0 && names.indexOf("loop-mount") < names.lastIndexOf("mount"));
});
