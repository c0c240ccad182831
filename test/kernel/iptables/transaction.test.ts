// Transactions as input of iptables-restore, and what is left of one when the rules are already there, or gone.
import t from "tap";
import { normalRule, withoutMissing, withoutPresent, withoutReleases } from "../../../src/kernel/iptables/compare.ts";
import { parseRuleSet, type RuleSet, renderTransaction } from "../../../src/kernel/iptables/index.ts";
import type { Rule, RuleChange, RuleTransaction, TableName } from "../../../src/plan/rule.ts";

const rule = (table: TableName, chain: string, args: string): Rule => ({ table, chain, args: args.split(" ") });
const jump = rule("filter", "FORWARD", "-m comment --comment tsns:a -j OURS");
const transaction = (...changes: RuleChange[]): RuleTransaction => ({ family: "ipv4", changes });

t.test("one block per table, chains declared first, chains removed last", async (t) => {
  const text = renderTransaction(
    transaction(
      { change: "chain.remove", table: "filter", chain: "OLD" },
      { change: "rule.remove", rule: rule("filter", "FORWARD", "-j OLD") },
      { change: "chain.create", table: "nat", chain: "NEW" },
      { change: "rule.append", rule: { table: "nat", chain: "NEW", args: ["-m", "comment", "--comment", 'say "hi"', "-j", "RETURN"] } },
      { change: "rule.insert", rule: rule("nat", "OUTPUT", "-j NEW") },
    ),
  );
  t.equal(
    text,
    `*nat
:NEW - [0:0]
-A NEW -m comment --comment "say \\"hi\\"" -j RETURN
-I OUTPUT -j NEW
COMMIT
*filter
:OLD - [0:0]
-D FORWARD -j OLD
-X OLD
COMMIT
`,
  );
  t.equal(renderTransaction(transaction()), "");
  t.throws(() => renderTransaction(transaction({ change: "rule.append", rule: { ...jump, args: ["a\nb"] } })), { code: "bad-rule" });
});

t.test("rules are the same in other words", async (t) => {
  const same = (one: string, other: string) => normalRule(rule("nat", "X", one)) === normalRule(rule("nat", "X", other));
  t.ok(same("-p tcp -d 1.2.3.4 --dport 80 -j ACCEPT", "-d 1.2.3.4/32 -p tcp -m tcp --dport 80 -j ACCEPT"));
  t.ok(same("--protocol udp --jump DROP", "-p udp -j DROP"));
  t.ok(same("-m conntrack --ctstate ESTABLISHED,RELATED", "-m conntrack --ctstate RELATED,ESTABLISHED"));
  t.notOk(same("! -o br0 -j ACCEPT", "-o br0 -j ACCEPT"));
  t.notOk(same("-i br0 -j ACCEPT", "-o br0 -j ACCEPT"));
  t.notOk(same("-p tcp --dport 80 -j ACCEPT", "-p tcp --dport 81 -j ACCEPT"));
  t.not(normalRule(rule("nat", "X", "-j A")), normalRule(rule("nat", "Y", "-j A")));
});

t.test("what is there is not added again", async (t) => {
  const set = parseRuleSet('*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m comment --comment "tsns:a" -j OURS\n-A OURS -j ACCEPT\nCOMMIT\n');
  const fill: RuleChange = { change: "rule.append", rule: rule("filter", "OURS", "-j ACCEPT") };
  const create: RuleChange = { change: "chain.create", table: "filter", chain: "OURS" };
  t.same(withoutPresent(transaction({ change: "rule.insert", rule: jump }, fill), set).changes, []);
  t.same(withoutPresent(transaction(create, fill), set).changes, [create, fill], "but a chain that is emptied is filled");
});

t.test("what is gone is not removed, what is left is removed wholly", async (t) => {
  const set = parseRuleSet(
    '*filter\n:FORWARD ACCEPT [0:0]\n:OURS - [0:0]\n-A FORWARD -m comment --comment "tsns:a" -j OURS\n' +
      '-A FORWARD -m comment --comment "tsns:a" -j OURS\n-A FORWARD -s 10.0.0.0/8 -j OURS\n-A OURS -j ACCEPT\nCOMMIT\n',
  );
  const gone = rule("filter", "FORWARD", "-j GONE");
  const left = withoutMissing(
    transaction(
      { change: "rule.remove", rule: jump },
      { change: "rule.remove", rule: gone },
      { change: "chain.remove", table: "filter", chain: "OURS" },
    ),
    set,
  );
  t.same(
    left.changes.map((change) => ("rule" in change ? change.rule.args.join(" ") : "chain" in change ? change.chain : "")),
    ["-m comment --comment tsns:a -j OURS", "-m comment --comment tsns:a -j OURS", "-s 10.0.0.0/8 -j OURS", "OURS"],
  );
});

t.test("chains that several share go with the last rule in them", async (t) => {
  const jumps = [rule("filter", "FORWARD", "-j ALL")];
  const release: RuleChange = { change: "chain.release", table: "filter", chains: ["ALL", "SET"], sets: ["SET"], jumps };
  const own = rule("filter", "SET", "-i b0 -j ACCEPT");
  const state = (...lines: readonly string[]) =>
    parseRuleSet(
      `*filter\n:FORWARD ACCEPT [0:0]\n:ALL - [0:0]\n:SET - [0:0]\n-A FORWARD -j ALL\n-A ALL -j SET\n${lines.join("\n")}\nCOMMIT\n`,
    );
  const changesOf = (set: RuleSet) =>
    withoutReleases(transaction({ change: "rule.remove", rule: own }, release), set).changes.map((change) =>
      "rule" in change ? `${change.change} ${change.rule.chain}` : `${change.change} ${"chain" in change ? change.chain : ""}`,
    );
  const all = ["rule.remove FORWARD", "chain.remove ALL", "chain.remove SET"];
  t.same(changesOf(state("-A SET -i b0 -j ACCEPT")), ["rule.remove SET", ...all]);
  t.same(changesOf(state()), all, "what was gone already");
  t.same(changesOf(state("-A SET -i b0 -j ACCEPT", "-A SET -i b1 -j ACCEPT")), ["rule.remove SET"], "another network is in it");
  t.same(changesOf(state("-A FORWARD -s 10.0.0.0/8 -j SET")), [], "somebody else leads there");
  t.same(changesOf(parseRuleSet("*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n")), [], "all is gone");
});
