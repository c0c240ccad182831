// Ports in the rules of other data roots: what tsns writes is found again, and what others write is not taken for it.
import t from "tap";
import { namesOfBridge } from "../../../src/network/name.ts";
import { parsePort } from "../../../src/network/port.ts";
import { findPublished, parsePublished } from "../../../src/network/rule/published.ts";
import { portRules } from "../../../src/network/rule.ts";

const names = namesOfBridge("tsns-0123456789");
const endpoint = {
  ipv4: { address: "10.66.0.2", prefixLength: 24, gateway: "10.66.0.1" },
  ipv6: { address: "fd66::2", prefixLength: 64, gateway: "fd66::1" },
};
const owner = "651ef9a164bf";

const asked = ["8080:80", "127.0.0.1:8081:81", "7000-7009:7000-7009/udp", "9000:90/sctp"].flatMap(parsePort);
const bound = asked.flatMap((port) => (port.hostIp === "" ? ["0.0.0.0", "::"].map((hostIp) => ({ ...port, hostIp })) : [port]));

/** As iptables-save prints them: a comment in quotes or without. */
const saved = (family: "ipv4" | "ipv6", quote: string) =>
  portRules(bound, { endpoint }, names, owner, family)
    .map(
      ({ chain, args }) => `-A ${chain} ${args.map((word) => (word.startsWith("tsns:") ? `${quote}${word}${quote}` : word)).join(" ")}\n`,
    )
    .join("");

t.test("what is published is found by every port of it", async (t) => {
  for (const quote of ["", '"']) {
    const rules = [...parsePublished(saved("ipv4", quote), "ipv4"), ...parsePublished(saved("ipv6", quote), "ipv6")];
    for (const port of bound) t.match(findPublished(rules, port), { owner, chain: names.dnatChain }, `${port.hostIp} ${port.hostPort}`);
  }
});

t.test("another address, protocol or port is free", async (t) => {
  const rules = parsePublished(saved("ipv4", ""), "ipv4");
  const [first] = bound;
  if (!first) throw new Error("no port");
  t.equal(findPublished(rules, { ...first, hostPort: 8079 }), undefined);
  t.equal(findPublished(rules, { ...first, protocol: "udp" }), undefined);
  t.equal(findPublished(rules, { ...first, hostIp: "::" }), undefined);
  t.equal(findPublished(rules, { ...first, hostPort: 8081, hostIp: "10.99.0.1" }), undefined);
  t.ok(findPublished(rules, { ...first, hostPort: 8081, hostIp: "0.0.0.0" }), "all addresses meet each");
});

t.test("others' rules", async (t) => {
  const others = `-A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80
-A TSNS-PORTS -m comment --comment "tsns:host" -j TSNS-DNAT-tsns0
-A TSNS-DNAT-tsns0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80
:TSNS-DNAT-tsns0 - [0:0]`;
  t.same(parsePublished(others, "ipv4"), []);
});
