// One rule as values: every recorded rule set is read to its end; what is not understood stays unknown.
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { parseRuleSet } from "../../../src/kernel/iptables/index.ts";
import {
  type AddressBlock,
  blockContains,
  type IpAddress,
  parseBlock,
  parseIp,
  renderBlock,
  renderIp,
} from "../../../src/network/rule/address.ts";
import { type Condition, parseMatch } from "../../../src/network/rule/match.ts";
import { parseRewrite } from "../../../src/network/rule/target.ts";

const folder = new URL("../../kernel/iptables/", import.meta.url);
const parse = (line: string) => parseMatch(line.split(" "));

function block(text: string): AddressBlock {
  const found = parseBlock(text);
  if (!found) throw new Error(`no block: ${text}`);
  return found;
}

function ip(text: string): IpAddress {
  const found = parseIp(text);
  if (!found) throw new Error(`no address: ${text}`);
  return found;
}

t.test("recorded rule sets", async (t) => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".rules"));
  t.ok(names.length > 12);
  const unknown = new Set<string>();
  for (const name of names) {
    for (const { rules, chains } of parseRuleSet(readFileSync(new URL(name, folder), "utf8")).tables) {
      const own = new Set(chains.flatMap((chain) => (chain.policy === undefined ? [chain.name] : [])));
      for (const { rule } of rules) {
        const { conditions, target } = parseMatch(rule.args, own);
        for (const condition of conditions) if (condition.kind === "unknown") unknown.add(`${condition.module} ${condition.option.name}`);
        if (target.kind === "jump" || target.kind === "goto") t.ok(own.has(target.chain), `${name}: ${rule.args.join(" ")}`);
      }
    }
  }
  t.same(
    [...unknown].sort(),
    [
      "hl --hl-eq",
      "pkttype --pkt-type",
      "recent --mask",
      "recent --name",
      "recent --rsource",
      "recent --seconds",
      "recent --rcheck",
      "recent --reap",
      "recent --set",
      "recent --update",
      "recent --hitcount",
      "rpfilter --invert",
      "rpfilter --validmark",
      "rt --rt-type",
      "statistic --mode",
      "statistic --probability",
      "string --algo",
      "string --string",
    ].sort(),
    "and only this is not modelled",
  );
});

t.test("conditions", async (t) => {
  const cases: readonly (readonly [string, readonly Condition[]])[] = [
    ["-s 10.1.0.0/16", [{ kind: "address", side: "source", block: block("10.1.0.0/16"), not: false }]],
    ["! -d fd00::/8", [{ kind: "address", side: "destination", block: block("fd00::/8"), not: true }]],
    [
      "! -i docker0 -o tsns+",
      [
        { kind: "interface", side: "in", name: "docker0", prefix: false, not: true },
        { kind: "interface", side: "out", name: "tsns", prefix: true, not: false },
      ],
    ],
    [
      "-p tcp -m tcp --dport 80:90",
      [
        { kind: "protocol", protocol: "tcp", not: false },
        { kind: "ports", side: "destination", ranges: [[80, 90]], not: false },
      ],
    ],
    [
      "-m multiport ! --dports 22,80:443",
      [
        {
          kind: "ports",
          side: "destination",
          ranges: [
            [22, 22],
            [80, 443],
          ],
          not: true,
        },
      ],
    ],
    ["-m conntrack ! --ctstate NEW,DNAT", [{ kind: "state", states: ["NEW", "DNAT"], not: true }]],
    ["-m state --state ESTABLISHED", [{ kind: "state", states: ["ESTABLISHED"], not: false }]],
    [
      "-m addrtype --dst-type LOCAL --limit-iface-in",
      [{ kind: "address-type", side: "destination", types: ["LOCAL"], not: false, limit: "in" }],
    ],
    ["-m mark ! --mark 0x2000/0x2000", [{ kind: "mark", of: "packet", value: 0x2000, mask: 0x2000, not: true }]],
    [
      "-p icmp -m icmp --icmp-type 3/4",
      [
        { kind: "protocol", protocol: "icmp", not: false },
        { kind: "icmp", type: "3", code: 4, not: false },
      ],
    ],
    [
      "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
      [
        { kind: "protocol", protocol: "tcp", not: false },
        { kind: "tcp-flags", mask: ["FIN", "SYN", "RST", "ACK"], set: ["SYN"], not: false },
      ],
    ],
    ["-m set ! --match-set f2b-sshd src", [{ kind: "set", name: "f2b-sshd", sides: ["src"], not: true }]],
    ["-m limit --limit 3/min --limit-burst 10", [{ kind: "limit", rate: "3/min", not: false }]],
    ["-m physdev --physdev-in vif+", [{ kind: "physical-interface", side: "in", name: "vif", prefix: true, not: false }]],
    ["-p all", []],
  ];
  for (const [text, conditions] of cases) {
    const match = parse(text);
    t.same(match.conditions, conditions, text);
    t.ok(match.understood, text);
    t.same(match.target, { kind: "none" });
  }
});

t.test("nothing that is not understood is lost", async (t) => {
  for (const text of ["-m socket", "-m rpfilter --invert", "-m nosuch --some thing else", "-d host.example", "stray"]) {
    const match = parse(`${text} -j ACCEPT`);
    t.notOk(match.understood, text);
    t.same(match.target, { kind: "accept" }, text);
  }
  t.match(parseMatch(["-m", "comment", "--comment", "-j DROP", "-j", "ACCEPT"]), { comments: ["-j DROP"], target: { kind: "accept" } });
});

t.test("targets", async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ["-j DNAT --to-destination 10.0.0.2:80", { kind: "dnat", to: { address: { from: parseIp("10.0.0.2") }, ports: [80, 80] } }],
    ["-j SNAT --to-source 10.0.0.2-10.0.0.9", { kind: "snat", to: { address: { to: parseIp("10.0.0.9") } } }],
    ["-j MASQUERADE --to-ports 1024-65535", { kind: "masquerade", ports: [1024, 65535] }],
    ["-j REDIRECT --to-ports 3128", { kind: "redirect", ports: [3128, 3128] }],
    ["-j REJECT --reject-with tcp-reset", { kind: "reject", answer: "tcp-reset" }],
    ["-j MARK --set-xmark 0x4000/0x4000", { kind: "mark", of: "packet", mark: { change: "set", value: 0x4000, mask: 0x4000 } }],
    ["-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff", { kind: "mark", of: "connection", mark: { change: "restore", mask: 0xff } }],
    ["-j CT --notrack", { kind: "notrack" }],
    ["-j TCPMSS --clamp-mss-to-pmtu", { kind: "extension", name: "TCPMSS", ends: false }],
    ["-j MINE", { kind: "jump", chain: "MINE" }],
    ["-g MINE", { kind: "goto", chain: "MINE" }],
  ];
  for (const [text, target] of cases) t.match(parse(text).target, target, text);
  t.match(parseMatch(["-j", "STRANGE"], new Set()).target, { kind: "extension", name: "STRANGE" }, "no such chain: a target nobody knows");
  t.match(parseRewrite("[fd00::2]:80-90"), { address: { from: parseIp("fd00::2") }, ports: [80, 90] });
  t.same(parseRewrite(":8080"), { ports: [8080, 8080] });
  t.match(parseRewrite("10.0.0.2:8080-8090/9000"), { ports: [8080, 8090], basePort: 9000 });
});

t.test("addresses", async (t) => {
  for (const text of ["10.1.2.3", "::", "::1", "fd00::1:0:0:1", "2001:db8::", "::ffff:0:0"]) t.equal(renderIp(ip(text)), text);
  t.equal(renderBlock(block("10.1.2.3/255.255.0.0")), "10.1.0.0/16");
  t.equal(renderBlock(block("10.1.2.3/255.0.255.0")), "10.0.2.0/255.0.255.0");
  t.equal(renderBlock(block("10.1.2.3/32")), "10.1.2.3");
  t.ok(blockContains(block("10.0.2.0/255.0.255.0"), ip("10.77.2.9")));
  t.notOk(blockContains(block("0.0.0.0/0"), ip("::1")), "the other family");
  for (const text of ["", "10.1.2.3/33", "fd00::/129", "fd00::/255.0.0.0", "name", "10.1.2.3/", "1:2:3"]) t.notOk(parseBlock(text), text);
});
