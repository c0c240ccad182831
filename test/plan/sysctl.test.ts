// Keys of settings and where they are.
import t from "tap";
import { pathOfKey, unambiguousKey } from "../../src/plan/sysctl.ts";

t.test("settings of links whose names have dots", async (t) => {
  t.equal(pathOfKey("net.ipv4.conf.eth0.100.rp_filter"), "/proc/sys/net/ipv4/conf/eth0.100/rp_filter");
  t.equal(pathOfKey("net.ipv6.conf.all.forwarding"), "/proc/sys/net/ipv6/conf/all/forwarding");
  t.equal(pathOfKey("net.bridge.bridge-nf-call-iptables"), "/proc/sys/net/bridge/bridge-nf-call-iptables");
  t.equal(unambiguousKey("net.ipv4.conf.eth0.100.rp_filter"), "net/ipv4/conf/eth0.100/rp_filter");
  t.equal(unambiguousKey("net.ipv4.conf.eth0.rp_filter"), "net.ipv4.conf.eth0.rp_filter");
});
