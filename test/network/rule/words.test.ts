// Rules in plain words, and whose they are.
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { parseRuleSet } from "../../../src/kernel/iptables/index.ts";
import { parseMatch } from "../../../src/network/rule/match.ts";
import { ownerOfRule, programOfChain } from "../../../src/network/rule/owner.ts";
import { renderRuleOwner } from "../../../src/network/rule/view.ts";
import { clausesOf, describeRule } from "../../../src/network/rule/words.ts";

const names = (localOnly: boolean) => ({
  of: (address: string) => ({ "10.89.0.5": "container web", "10.89.0.0/24": "network front" })[address],
  localOnly,
});
const words = (text: string, local = false) => describeRule(parseMatch(text.split(" ")), names(local));

t.test("what a rule does", async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "-p tcp -m tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination 10.89.0.5:80",
      "forward TCP port 8080 of any local address to 10.89.0.5 port 80 (container web)",
    ],
    [
      "-d 127.0.0.1/32 ! -i docker0 -p udp -m udp --dport 5300:5310 -j DNAT --to-destination 172.17.0.2:53",
      "forward UDP ports 5300-5310 of 127.0.0.1 not coming in by docker0 to 172.17.0.2 port 53",
    ],
    [
      "-s 10.89.0.0/24 ! -o tsns0 -j MASQUERADE",
      "give packets from 10.89.0.0/24 (network front) not going out by tsns0 the address of the link they leave by",
    ],
    [
      "-s 10.89.0.0/24 -o eth0 -j SNAT --to-source 192.0.2.1",
      "give packets from 10.89.0.0/24 (network front) going out by eth0 the source 192.0.2.1",
    ],
    ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "let packets of or related to known connections pass"],
    ["-j DROP", "drop every packet"],
    [
      "! -s 10.0.0.0/8 -p tcp -m multiport --dports 22,80 -j REJECT --reject-with tcp-reset",
      "refuse TCP packets from anything but 10.0.0.0/8 to ports 22, 80 with tcp-reset",
    ],
    ["-i docker0 -j RETURN", "leave the chain with packets coming in by docker0"],
    ["-m mark --mark 0x1 -g OTHER", "hand packets marked 0x1 over to OTHER"],
    ["-m string --string GET -j LOG --log-prefix seen", 'log packets if string --string GET as "seen"'],
    ["-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128", "redirect TCP port 80 of any address to port 3128 of this host"],
    ["-p icmp -m icmp --icmp-type 8 -m limit --limit 1/sec", "count ICMP packets of type 8 at most 1/sec"],
    ["-j MARK --set-xmark 0x2000/0x2000", "mark every packet with 0x2000/0x2000"],
    [
      "-o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill",
      "apply CHECKSUM --checksum-fill to UDP packets to port 68 going out by virbr0",
    ],
  ];
  for (const [rule, said] of cases) t.equal(words(rule), said, rule);
  t.match(words("-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.89.0.5:80", true), "of any local address to 10.89.0.5");
  t.equal(
    clausesOf(parseMatch("-s 10.0.0.0/8 -o eth0 -p tcp -m tcp --dport 80 -i eth1 -j MASQUERADE".split(" "))),
    "TCP to port 80 coming in by eth1",
  );
});

t.test("whose a rule is", async (t) => {
  const owner = (chain: string, text: string) => renderRuleOwner(ownerOfRule(chain, parseMatch(text.split(" "))));
  t.equal(owner("TSNS-DNAT-tsns0", "-m comment --comment tsns:0123456789ab -j RETURN"), "container 0123456789ab");
  t.equal(owner("FORWARD", "-m comment --comment tsns:tsns0 -j X"), "network tsns0");
  t.equal(owner("TSNS-FORWARD-0", "-m comment --comment tsns:forward:3 -j DROP"), "forward 3");
  t.equal(owner("POSTROUTING", "-s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"), "docker");
  t.equal(owner("INPUT", "-p tcp -m multiport --dports 22 -j f2b-sshd"), "fail2ban");
  t.equal(owner("INPUT", "-p tcp -m set --match-set f2b-sshd src -j DROP"), "fail2ban");
  t.equal(owner("FORWARD", "-i cali1234 -j ACCEPT"), "calico");
  t.equal(owner("KUBE-SERVICES", "-j RETURN"), "kube-proxy");
  t.equal(owner("INPUT", "-j ACCEPT"), "-");
});

t.test("every user's chain of a recorded set is its program's, and every rule has words", async (t) => {
  const folder = new URL("../../kernel/iptables/", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".rules") && !each.startsWith("odd"))) {
    for (const { rules, chains } of parseRuleSet(readFileSync(new URL(name, folder), "utf8")).tables) {
      for (const chain of chains)
        if (chain.policy === undefined) t.ok(name.startsWith(programOfChain(chain.name) ?? "?"), `${name}: ${chain.name}`);
      for (const { rule } of rules)
        t.notMatch(describeRule(parseMatch(rule.args), names(false)), /undefined|\[object|^\s|\s{2}/, rule.args.join(" "));
    }
  }
});

t.test("options of one module are one condition", async (t) => {
  const words = (text: string) => describeRule(parseMatch(text.split(" ")), names(false));
  t.match(words("-m statistic --mode random --probability 0.33333333349 -j SEP"), /packets at random, 33\.33 % of them$/);
  t.match(
    words("-m recent --rcheck --seconds 10800 --reap --name SEP --rsource -j SEP"),
    / if recent --rcheck --seconds 10800 --reap --name SEP --rsource$/,
  );
});
