// Networks and ports come and go in both backends without a trace among the rules of others.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { applyRules, type Backend, readRules } from "../../src/kernel/iptables/index.ts";
import { namesOfBridge } from "../../src/network/name.ts";
import { parsePort } from "../../src/network/port.ts";
import { changePorts, networkRules, networkRulesRemoval, portRules } from "../../src/network/rule.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";
import { needRoot } from "../fixture/root.ts";
import { sh } from "../network/lab.ts";

const pools = [
  { subnet: "10.66.0.0/20", gateway: "10.66.0.1" },
  { subnet: "fd66::/64", gateway: "fd66::1" },
];
const spec: NetworkSpec = { name: "lab", bridge: "tsns-lab", pools };
const names = namesOfBridge(spec.bridge);
const place = { endpoint: { ipv4: { address: "10.66.0.2", prefixLength: 20 }, ipv6: { address: "fd66::2", prefixLength: 64 } } };
const published = ["8080:80", "127.0.0.1:53:53/udp", "9000-9999:9000-9999", "[::]:7000-7999:8000-8999", "[fd99::1]:81:80"].flatMap(
  parsePort,
);
const owner = "0123456789ab";
const families = ["ipv4", "ipv6"] as const;

for (const backend of ["nft", "legacy"] satisfies Backend[]) {
  t.test(`${backend}: beside docker`, needRoot, async (t) => {
    const listing = () =>
      sh(
        `for p in iptables ip6tables; do $p-${backend} -L -n >/dev/null; $p-${backend}-save -t filter; $p-${backend}-save -t nat; $p-${backend}-save -t raw; $p-${backend}-save -t mangle; done`,
      )
        .replace(/\[\d+:\d+\]/g, "[0:0]")
        .replace(/^#.*\n/gm, "");
    const docker = new URL(`../kernel/iptables/docker-${backend}.rules`, import.meta.url);
    sh(`iptables-${backend}-restore -c < '${docker.pathname}'`);
    const before = listing();
    const options = { backend };

    for (const family of families) applyRules(networkRules(spec, names, family), options);
    const once = listing();
    const jump = /-A FORWARD -m comment --comment "tsns:host" -j TSNS-NETWORKS\n/;
    t.match(once, jump);
    t.equal(
      once.split("\n").filter((line) => /-A (FORWARD|INPUT) .*TSNS-/.test(line)).length,
      4,
      "one jump from each hook and family, and the relay's",
    );
    t.match(
      once,
      /-A TSNS-NETWORKS -m comment --comment "tsns:host" -j TSNS-USER\n-A TSNS-NETWORKS .* -j TSNS-INTERNAL\n/,
      "the user's chain is first",
    );
    for (const family of families) applyRules(networkRules(spec, names, family), options);
    t.equal(listing(), once, "a second time changes nothing");

    const rulesOf = (family: (typeof families)[number]) => portRules(published, place, names, owner, family);
    t.same([rulesOf("ipv4").length, rulesOf("ipv6").length], [3, 4], "a range is one rule, also one that changes the numbers");
    for (const transaction of changePorts([], published, place, names, owner)) applyRules(transaction, options);
    for (const family of families) {
      const all = readRules(family, options).tables.flatMap((table) => table.rules.filter(({ rule }) => rule.chain === names.dnatChain));
      t.same(
        all.map(({ rule }) => rule),
        rulesOf(family),
        "rules read back as they were written",
      );
    }
    const fewer = published.filter(({ hostPort }) => hostPort !== 9500);
    for (const transaction of changePorts(published, fewer, place, names, owner)) applyRules(transaction, options);
    t.match(listing(), /--dport 9000:9499 [\s\S]*--dport 9501:9999 /, "one port less is two ranges");
    for (const _ of [1, 2]) for (const transaction of changePorts(fewer, [], place, names, owner)) applyRules(transaction, options);
    t.equal(listing(), once, "ports are removed, some of them twice");

    const other: NetworkSpec = { name: "other", bridge: "br7", internal: true, pools };
    for (const family of families) applyRules(networkRules(other, namesOfBridge("br7"), family), options);
    for (const family of families) applyRules(networkRulesRemoval(spec, names, family), options);
    t.match(listing(), jump, "the shared chains stay while there is a network");
    t.notMatch(listing(), /tsns-lab/);
    for (const family of families) applyRules(networkRules(spec, names, family), options);
    for (const family of families) applyRules(networkRulesRemoval(other, namesOfBridge("br7"), family), options);
    t.equal(listing(), once, "whichever was first");

    sh(`iptables-${backend} -I FORWARD -m comment --comment stray -j ${names.forwardChain}`);
    sh(`iptables-${backend} -t nat -D POSTROUTING -m comment --comment tsns:host -j TSNS-MASQUERADE`);
    sh(`iptables-${backend} -A TSNS-USER -s 192.0.2.1 -j DROP`);
    for (const family of families) applyRules(networkRulesRemoval(spec, names, family), options);
    t.match(listing(), /-A TSNS-USER -s 192.0.2.1\/32 -j DROP/, "the user's rules stay");
    applyRules(networkRules(spec, names), options);
    t.match(listing(), /-A TSNS-USER -s 192.0.2.1\/32 -j DROP/, "and are there again for the next network");
    sh(`iptables-${backend} -F TSNS-USER`);
    applyRules(networkRulesRemoval(spec, names), options);
    t.equal(listing(), before, "a stray jump and a missing one do not hinder the removal");
    for (const family of families) applyRules(networkRulesRemoval(spec, names, family), options);
    for (const transaction of changePorts(published, [], place, names, owner)) applyRules(transaction, options);
    t.equal(listing(), before, "removing what is gone is no error");
  });

  t.test(`${backend}: a rule that iptables refuses`, needRoot, async (t) => {
    const rule = { table: "filter", chain: "FORWARD", args: ["-j", "NO-SUCH-TARGET"] } as const;
    t.throws(() => applyRules({ family: "ipv4", changes: [{ change: "rule.append", rule }] }, { backend }), /change the iptables rules/);
  });

  t.test(`${backend}: IPv6`, needRoot, async (t) => {
    const rule = { table: "filter", chain: "TSNS-SIX", args: ["-s", "fd00::/8", "-j", "ACCEPT"] } as const;
    const six = {
      family: "ipv6",
      changes: [
        { change: "chain.create", table: "filter", chain: "TSNS-SIX" },
        { change: "rule.append", rule },
      ],
    } as const;
    applyRules(six, { backend });
    const read = readRules("ipv6", { backend }).tables.flatMap((table) => table.rules.map((counted) => counted.rule));
    t.same(read, [rule]);
  });
}
