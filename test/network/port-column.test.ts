// Ports in docker's order, in a list and in a column.
import t from "tap";
import { renderPortColumn, sortPorts } from "../../src/network/port-column.ts";
import type { PortSpec } from "../../src/network/spec.ts";

const port = (hostIp: string, hostPort: number, containerPort: number, protocol: PortSpec["protocol"] = "tcp"): PortSpec => ({
  hostIp,
  hostPort,
  containerPort,
  protocol,
});

t.test("a list: the container's ports in order", async (t) => {
  const [web, webSix, udp, last] = [
    port("0.0.0.0", 8001, 80),
    port("::", 8001, 80),
    port("0.0.0.0", 8000, 80, "udp"),
    port("127.0.0.1", 100, 100),
  ];
  const other = port("0.0.0.0", 8002, 80);
  t.same(sortPorts([last, udp, other, webSix, web]), [web, other, webSix, udp, last]);
});

t.test("a column: what keeps its number comes first, in a row as one", async (t) => {
  const range = (ip: string) => [9000, 9001, 9002].map((each) => port(ip, each, each));
  t.equal(renderPortColumn([...range("0.0.0.0"), ...range("::")]), "0.0.0.0:9000-9002->9000-9002/tcp, [::]:9000-9002->9000-9002/tcp");
  t.equal(renderPortColumn([port("0.0.0.0", 80, 8080), port("0.0.0.0", 81, 8081)]), "0.0.0.0:80->8080/tcp, 0.0.0.0:81->8081/tcp");
  t.equal(
    renderPortColumn([port("0.0.0.0", 9000, 90), port("0.0.0.0", 8000, 80, "udp"), port("::", 8001, 80), port("127.0.0.1", 100, 100)]),
    "127.0.0.1:100->100/tcp, 0.0.0.0:8000->80/udp, [::]:8001->80/tcp, 0.0.0.0:9000->90/tcp",
  );
  t.equal(renderPortColumn([]), "");
});

t.test("exposed ones too", async (t) => {
  t.equal(renderPortColumn([port("0.0.0.0", 8080, 80)], ["99/tcp"]), "99/tcp, 0.0.0.0:8080->80/tcp");
  t.equal(renderPortColumn([], ["92/tcp", "90/tcp", "91/tcp", "91/udp", "95/tcp"]), "90-92/tcp, 95/tcp, 91/udp");
});
