// Names and numbers of links in the texts of /proc/net, recorded ones and any.
import fc from "fast-check";
import t from "tap";
import { hasLink, parseLinkNames, parseMulticastIndex } from "../../../src/kernel/netlink/sysfs.ts";

const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    7160      72    0    0    0     0          0         0     7160      72    0    0    0     0       0          0
vethimovqzy5qk5:  824      13    0    0    0     0          0        11     1140      14    0    3    0     0       0          0
  eth0:3832087600  105687    0    0    0     0          0         0 10316606   75073    0    0    0     0       0          0
`;

const multicast = `4    eth0            1     0     01005e000001
1427 tsns0           1     0     333300000001
1427 tsns0           1     0     01005e000001
`;

t.test("/proc/net/dev", async (t) => {
  t.same(parseLinkNames(dev), ["lo", "vethimovqzy5qk5", "eth0"]);
  t.ok(hasLink("lo"));
  t.notOk(hasLink("o"), "the end of a name is no name");
});

t.test("/proc/net/dev_mcast", async (t) => {
  t.equal(parseMulticastIndex(multicast, "tsns0"), 1427);
  t.equal(parseMulticastIndex(multicast, "tsns"), undefined);
});

t.test("any text", async () => {
  fc.assert(fc.property(fc.string(), (text) => parseLinkNames(`${dev}${text}`).every((name) => /^\S+$/.test(name))));
  fc.assert(fc.property(fc.string(), fc.string(), (text, name) => typeof parseMulticastIndex(text, name) !== "string"));
});
