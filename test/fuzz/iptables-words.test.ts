// Any words and any rules survive iptables' notation; any text at all is either understood or refused with a TsnsError.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseRuleSet, parseWords, type RuleSet, renderRuleSet, renderWord } from "../../src/kernel/iptables/index.ts";
import type { TableName } from "../../src/plan/rule.ts";

const word = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/[\n\r\0]/.test(text));
const counter = fc.record({ packets: fc.bigInt(0n, 2n ** 64n - 1n), bytes: fc.bigInt(0n, 2n ** 64n - 1n) });
const chainName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._:-]{0,27}$/);

const tableOf = (table: TableName) =>
  fc.record({
    table: fc.constant(table),
    chains: fc.array(
      fc.record({ name: chainName, policy: fc.constantFrom("ACCEPT", "DROP"), counter }, { requiredKeys: ["name", "counter"] }),
    ),
    rules: fc.array(fc.record({ rule: fc.record({ table: fc.constant(table), chain: chainName, args: fc.array(word) }), counter })),
  });
const ruleSet: fc.Arbitrary<RuleSet> = fc.tuple(tableOf("filter"), tableOf("nat"), tableOf("raw")).map((tables) => ({ tables }));

t.test("words", async () => {
  fc.assert(fc.property(fc.array(word), (words) => JSON.stringify(parseWords(words.map(renderWord).join(" "))) === JSON.stringify(words)));
});

t.test("rule sets", async (t) => {
  fc.assert(
    fc.property(ruleSet, (set) => {
      t.same(parseRuleSet(renderRuleSet(set)), set);
    }),
  );
});

t.test("any text", async () => {
  const line = fc.oneof(fc.string(), fc.constantFrom("*nat", "*filter", "COMMIT", ":X - [0:0]", "-A X", '-A X "', "[1:2] -A X -j Y \\"));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        parseRuleSet(lines.join("\n"));
      } catch (error) {
        return error instanceof TsnsError && error.code === "iptables-output";
      }
      return true;
    }),
  );
});
