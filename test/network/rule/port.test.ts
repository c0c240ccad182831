// Rules of published ports: a range is one rule in each family, however its ports are listed.
import t from "tap";
import { namesOfBridge } from "../../../src/network/name.ts";
import { portRules } from "../../../src/network/rule/port.ts";
import type { PortSpec } from "../../../src/network/spec.ts";

const names = namesOfBridge("tsns0");
const endpoint = { ipv4: { address: "10.66.0.2", prefixLength: 20 }, ipv6: { address: "fd00::2", prefixLength: 64 } };

t.test("the families of each port beside each other, as a start records them", async (t) => {
  const ports = Array.from({ length: 1000 }, (_, at) => 9000 + at).flatMap((port): PortSpec[] =>
    ["0.0.0.0", "::"].map((hostIp) => ({ hostIp, hostPort: port, containerPort: port, protocol: "tcp" })),
  );
  for (const family of ["ipv4", "ipv6"] as const) {
    const rules = portRules(ports, { endpoint }, names, "web", family);
    t.equal(rules.length, 1, family);
    t.match(rules[0]?.args.join(" "), /--dport 9000:9999 .*--to-destination (10\.66\.0\.2|fd00::2)$/);
  }
});

t.test("ports of two protocols and addresses by turns", async (t) => {
  const one = (hostIp: string, hostPort: number, protocol: "tcp" | "udp"): PortSpec => ({
    hostIp,
    hostPort,
    containerPort: hostPort + 1,
    protocol,
  });
  const ports = [
    one("0.0.0.0", 80, "tcp"),
    one("0.0.0.0", 80, "udp"),
    one("127.0.0.1", 81, "tcp"),
    one("0.0.0.0", 81, "tcp"),
    one("0.0.0.0", 82, "udp"),
  ];
  const said = portRules(ports, { endpoint }, names, "web", "ipv4").map(({ args }) => args.join(" "));
  t.equal(said.length, 4);
  t.match(said, [/tcp --dport 80:81 .*10\.66\.0\.2:81-82\/80$/, /udp --dport 80 /, /-d 127\.0\.0\.1\/32 .*--dport 81 /, /udp --dport 82 /]);
});
