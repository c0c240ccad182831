// Which kernel settings belong to a container.
import t from "tap";
import { parseSysctl, sysctlProblems } from "../../src/container/sysctl.ts";

t.test("settings of the network and ipc namespaces", async (t) => {
  for (const key of ["net.ipv4.ip_forward", "net/ipv4/conf/eth0.5/forwarding", "kernel.msgmax", "kernel/shmmni", "fs.mqueue.msg_max"])
    t.same(parseSysctl(`${key}=1 2=3`), [key, "1 2=3"], key);
  t.same(parseSysctl("net.ipv4.x="), ["net.ipv4.x", ""]);
});

t.test("all else is the host's", async (t) => {
  const wrong = ["", "x", "=1", "net=1", "net.=1", "netx.y=1", "kernel.hostname=x", "kernel.msgmaxx=1", "vm.swappiness=1", "fs.mqueue=1"];
  for (const text of [...wrong, "net./etc=1", "net.../x=1", "net/../kernel/panic=1", "net.a b=1", "net.a\n=1", "/net/ipv4=1"])
    t.throws(() => parseSysctl(text), { kind: "invalid", message: `sysctl '${text}' is not allowed` }, text);
});

t.test("none of a namespace that is the host's", async (t) => {
  const sysctls = { "net.core.somaxconn": "1", "kernel.sem": "1" };
  const own = { network: { mode: "none" }, ipc: { mode: "private" } } as const;
  t.same(sysctlProblems({ sysctls, ...own }), []);
  t.same(sysctlProblems(own), []);
  t.same(sysctlProblems({ sysctls, ...own, network: { mode: "host" } }), [
    'sysctl "net.core.somaxconn" not allowed in host network namespace',
  ]);
  t.same(sysctlProblems({ sysctls, ...own, ipc: { mode: "host" } }), ['sysctl "kernel.sem" is not allowed in the hosts ipc namespace']);
});
