// Forwards and source translation as they are written, and the rules made of them.
import t from "tap";
import { forwardsConflict, parseForward, renderForward } from "../../../src/network/rule/forward-spec.ts";
import { parseNat } from "../../../src/network/rule/nat-spec.ts";
import { additionOf, expectedRules, ownChains, removalOf, rulesOf } from "../../../src/network/rule/own.ts";

const chains = ownChains("/somewhere");

t.test("forwards", async (t) => {
  for (const text of [
    "8080:10.1.0.5:80/tcp",
    "127.0.0.1:53:10.1.0.5:5353/udp",
    "8000-8010:10.1.0.5:9000-9010/tcp",
    "[fd00::1]:80:[fd00::5]:80/sctp",
  ]) {
    t.equal(renderForward(parseForward(text)), text);
  }
  t.equal(renderForward(parseForward("0.0.0.0:80:10.1.0.5:80")), "80:10.1.0.5:80/tcp");
  t.equal(renderForward(parseForward("[::]:80:[FD00:0::5]:80/UDP")), "80:[fd00::5]:80/udp");
  const wrong = [
    "",
    "80",
    "80:90",
    "80:10.1.0.5",
    "a:10.1.0.5:80",
    "0:10.1.0.5:80",
    "70000:10.1.0.5:80",
    "90-80:10.1.0.5:80",
    "80:10.1.0:80",
    "80:[fd00::5:80",
    "10.1.0.1:80:[fd00::5]:80",
    "1:2:3:4:5",
    "80:10.1.0.5:80/icmp",
    "80-90:10.1.0.5:80-85",
    ":80:10.1.0.5:80",
    "80:127.0.0.1:80",
    "80:0.0.0.0:80",
  ];
  for (const text of wrong) t.throws(() => parseForward(text), { kind: "invalid", code: "bad-forward", exitCode: 2 }, text);
  const conflict = (one: string, other: string) => forwardsConflict(parseForward(one), parseForward(other));
  t.ok(conflict("80-90:10.1.0.5:80", "127.0.0.1:85:10.1.0.6:80"));
  t.notOk(conflict("80:10.1.0.5:80", "80:10.1.0.5:80/udp"));
  t.notOk(conflict("10.9.0.1:80:10.1.0.5:80", "10.9.0.2:80:10.1.0.5:80"));
  t.notOk(conflict("80:10.1.0.5:80", "[::]:80:[fd00::5]:80"));
});

t.test("nat", async (t) => {
  t.same(parseNat("10.1.0.77/24", { out: "eth0", to: "192.0.2.1" }), {
    family: "ipv4",
    subnet: "10.1.0.0/24",
    out: "eth0",
    to: "192.0.2.1",
  });
  t.same(parseNat("FD00:1::/64"), { family: "ipv6", subnet: "fd00:1::/64" });
  for (const text of ["10.1.0.1", "10.1.0.0/33", "0.0.0.0/0", "x/24", "10.1.0.0/255.0.255.0"])
    t.throws(() => parseNat(text), { code: "bad-nat" }, text);
  t.throws(() => parseNat("10.1.0.0/24", { out: "sixteen-letters-" }), { code: "bad-nat" });
});

t.test("rules", async (t) => {
  const forward = (text: string, place = {}) => rulesOf({ number: 3, rule: { kind: "forward", spec: parseForward(text), place } }, chains);
  const dnat = (text: string) => forward(text).map(({ args }) => args.join(" ").replace("-m comment --comment tsns:forward:3 ", ""));
  t.same(dnat("80-90:10.1.0.5:8080"), ["-p tcp -m tcp --dport 80:90 -j DNAT --to-destination 10.1.0.5:8080"], "all to one");
  t.same(dnat("80-90:10.1.0.5:80-90"), ["-p tcp -m tcp --dport 80:90 -j DNAT --to-destination 10.1.0.5"], "the same ports");
  t.equal(dnat("80-90:10.1.0.5:180-190").length, 11, "each to its own");
  t.equal(
    forward("80:10.1.0.5:80", { link: "br0", subnet: "10.1.0.0/24" }).filter(({ chain }) => chain === chains.guard).length,
    2,
    "route_localnet is guarded",
  );
  t.equal(
    forward("80:10.1.0.5:80", { link: "tsns0" }).filter(({ chain }) => chain === chains.guard).length,
    0,
    "networks of tsns guard themselves",
  );
  t.equal(
    forward("10.9.0.1:80:10.1.0.5:80", { link: "br0" }).filter(({ chain }) => chain === chains.guard).length,
    0,
    "not on the loopback",
  );
  for (const name of Object.values(chains)) t.ok(name.length <= 28, "legacy's limit");
  t.not(ownChains("/elsewhere").dnat, chains.dnat, "data roots have their own");

  const numbered = { number: 1, rule: { kind: "nat", spec: parseNat("10.1.0.0/24") } } as const;
  const added = additionOf(numbered, chains).changes;
  t.notOk(
    added.some(({ change }) => change === "chain.create"),
    "chains with others' rules are not emptied",
  );
  t.equal(added.filter(({ change }) => change.startsWith("rule.")).length, expectedRules(numbered, chains).length);
  t.ok(removalOf(numbered, chains, true).changes.some(({ change }) => change === "chain.remove"));
  t.notOk(removalOf(numbered, chains, false).changes.some(({ change }) => change === "chain.remove"));
});
