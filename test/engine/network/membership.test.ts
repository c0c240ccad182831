// A container's /etc/hosts when its networks change: its own lines come and go, the user's stay.
import t from "tap";
import { changeHosts } from "../../../src/engine/network/membership.ts";
import type { Endpoint } from "../../../src/network/spec.ts";
import { makeRecord, makeSpec } from "../../fixture/request.ts";

const endpoint = (network: string, ipv4: string, ipv6?: string): Endpoint => ({
  network,
  link: "eth0",
  ipv4: { address: ipv4, prefixLength: 24, gateway: "10.0.0.1" },
  ...(ipv6 ? { ipv6: { address: ipv6, prefixLength: 64 } } : {}),
  mac: "02:74:0a:00:00:02",
  hostLink: "veth0",
  ports: [],
});
const record = makeRecord({ spec: makeSpec({ hostname: "web" }) });
const text = "127.0.0.1\tlocalhost\n10.0.0.2\tweb\n10.9.9.9\tmine\n";

t.test("a place that comes, one that goes", async (t) => {
  const [here, other] = [endpoint("a", "10.0.0.2"), endpoint("b", "10.1.0.2", "fd00::2")];
  const joined = changeHosts(record, text, [here], [here, other]);
  t.equal(joined, `${text}10.1.0.2\tweb\nfd00::2\tweb\n`);
  t.equal(changeHosts(record, joined, [here, other], [here]), text);
  t.equal(changeHosts(record, joined, [here, other], [other]), "127.0.0.1\tlocalhost\n10.9.9.9\tmine\n10.1.0.2\tweb\nfd00::2\tweb\n");
  t.equal(changeHosts(record, text, [here], [here]), text, "nothing changes");
});

t.test("the default network brings the names of the host", async (t) => {
  const bridge = endpoint("bridge", "10.0.0.2");
  t.match(changeHosts(record, "", [], [bridge]), "10.0.0.1\thost.docker.internal host.tsns.internal\n10.0.0.2\tweb\n");
  const own = makeRecord({ spec: makeSpec({ hostname: "web", extraHosts: [["host.docker.internal", "10.5.5.5"]] }) });
  t.match(changeHosts(own, "", [], [bridge]), "10.0.0.1\thost.tsns.internal\n");
});
