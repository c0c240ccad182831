// Networks and ports come and go in both backends without a trace among the rules of others.
import "../fixture/fresh-namespaces.ts";
import { readFileSync } from "node:fs";
import t from "tap";
import { applyRules, type Backend, parseRuleSet, readRules } from "../../src/kernel/iptables/index.ts";
import { namesOfBridge } from "../../src/network/name.ts";
import { parsePort } from "../../src/network/port.ts";
import { changeRules, networkRules, networkRulesRemoval, portRules } from "../../src/network/rule.ts";
import { needRoot } from "../fixture/root.ts";
import { sh } from "../network/lab.ts";

const spec = { name: "lab", bridge: "tsns-lab", pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }] };
const names = namesOfBridge(spec.bridge);
const ports = portRules(["8080:80", "127.0.0.1:53:53/udp", "9000-9002:9000-9002"].flatMap(parsePort), "10.66.0.2", names, "0123456789ab");

for (const backend of ["nft", "legacy"] satisfies Backend[]) {
  t.test(`${backend}: beside docker`, needRoot, async (t) => {
    const listing = () =>
      sh(`iptables-${backend}-save`)
        .replace(/\[\d+:\d+\]/g, "[0:0]")
        .replace(/^#.*\n/gm, "");
    const docker = new URL(`../kernel/iptables/docker-${backend}.rules`, import.meta.url);
    sh(`iptables-${backend}-restore -c < '${docker.pathname}'`);
    const before = listing();
    const options = { backend };

    applyRules(networkRules(spec, names), options);
    const once = listing();
    t.match(once, /-A FORWARD -m comment --comment "tsns:tsns-lab" -j TSNS-FWD-tsns-lab\n-A FORWARD -j DOCKER-USER/, "before docker's");
    applyRules(networkRules(spec, names), options);
    t.equal(listing(), once, "a second time changes nothing");

    applyRules(changeRules("rule.append", ports), options);
    const chain = readRules("ipv4", options).tables.flatMap((table) => table.rules.filter(({ rule }) => rule.chain === names.dnatChain));
    t.same(
      chain.map(({ rule }) => rule),
      ports,
      "rules read back as they were written",
    );
    applyRules(changeRules("rule.remove", ports.slice(1)), options);
    applyRules(changeRules("rule.remove", ports), options);
    t.equal(listing(), once, "ports are removed, some of them twice");

    sh(`iptables-${backend} -I FORWARD -m comment --comment stray -j ${names.forwardChain}`);
    sh(`iptables-${backend} -t nat -D POSTROUTING -m comment --comment tsns:tsns-lab -j ${names.masqueradeChain}`);
    applyRules(networkRulesRemoval(names), options);
    t.equal(listing(), before, "a stray jump and a missing one do not hinder the removal");
    applyRules(networkRulesRemoval(names), options);
    applyRules(changeRules("rule.remove", ports), options);
    t.equal(listing(), before, "removing what is gone is no error");
    t.same(parseRuleSet(readFileSync(docker, "utf8")).tables.length, readRules("ipv4", options).tables.length);
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
