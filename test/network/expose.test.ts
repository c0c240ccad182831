// Exposed ports as they are written and ordered, and what -P makes of them.
import t from "tap";
import { discardedPorts, orderExposed, parseExpose, portsToPublish } from "../../src/network/expose.ts";

t.test("exposed ports", async (t) => {
  t.same(parseExpose("80"), ["80/tcp"]);
  t.same(parseExpose("53/UDP"), ["53/udp"]);
  t.same(parseExpose("8000-8002/tcp"), ["8000/tcp", "8001/tcp", "8002/tcp"]);
  for (const text of ["", "foo", "0", "80-79", "65536", "80/icmp", "80-"])
    t.throws(() => parseExpose(text), { message: `invalid range format for --expose: ${text}` }, text);
  t.throws(() => parseExpose("80:80"), { message: "invalid port format for --expose: 80:80" });
  t.same(orderExposed(["90/tcp", "80/udp", "80", "80/tcp", "x"]), ["80/tcp", "80/udp", "90/tcp"]);
});

t.test("-P publishes what is exposed and not published yet", async (t) => {
  const port = { hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80, protocol: "tcp" } as const;
  const spec = { ports: [port], exposed: ["80/tcp", "81/tcp"] };
  t.same(portsToPublish(spec), [port]);
  t.same(portsToPublish({ ...spec, publishAll: true }), [port, { hostIp: "", hostPort: 0, containerPort: 81, protocol: "tcp" }]);
});

t.test("what is published nowhere is told", async (t) => {
  const port = { hostIp: "", hostPort: 80, containerPort: 80, protocol: "tcp" } as const;
  const told = (mode: string, more: object) => discardedPorts({ network: { mode }, ports: [], ...more });
  t.same(told("host", { ports: [port] }), ["Published ports are discarded when using host network mode"]);
  t.same(told("host", { publishAll: true }), ["Published ports are discarded when using host network mode"]);
  t.same(told("none", { ports: [port] }), ["network none: no port is published"]);
  t.same(told("host", {}), []);
  t.same(told("bridge", { ports: [port], publishAll: true }), []);
});
