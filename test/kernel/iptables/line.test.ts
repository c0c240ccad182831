// Rules as lines and as words are the same rules, for every recorded set and for lines out of the ordinary.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { parseRuleSet } from "../../../src/kernel/iptables/index.ts";
import { argsOfLine, parseRuleLines } from "../../../src/kernel/iptables/line.ts";

function sameAsWords(text: string): boolean {
  const lines = parseRuleLines(text).map(({ table, chains, rules }) => ({
    table,
    chains,
    rules: rules.map((line) => ({
      rule: { table, chain: line.chain, args: argsOfLine(line) },
      counter: { packets: BigInt(line.packets), bytes: BigInt(line.bytes) },
    })),
  }));
  t.same(lines, parseRuleSet(text).tables);
  return true;
}

t.test("recorded rule sets", async () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".rules")))
    sameAsWords(readFileSync(new URL(name, folder), "utf8"));
});

t.test("lines out of the ordinary", async (t) => {
  sameAsWords(
    '*filter\n:INPUT ACCEPT\n:"A B" - [1:2]\n-A INPUT\n[3:4] -A "A B" -j DROP\n[18446744073709551615:1] -A INPUT -j ACCEPT\nCOMMIT\n',
  );
  t.throws(() => parseRuleLines("-A INPUT\n"), { code: "iptables-output", message: /line 1/ });
  t.throws(() => parseRuleLines("*filter\n[x:1] -A INPUT -j DROP\n"), { code: "iptables-output", message: /line 2/ });
  t.throws(() => parseRuleLines("*nonsense\n"), { code: "iptables-output" });
});

t.test("any text is read or refused as iptables' output is", async (t) => {
  const line = fc.oneof(
    fc.constantFrom("*filter", "COMMIT", ":X - [0:0]", "[0:0] -A X -j DROP", "-A", "[0:0] -A ", '[1:1] -A "'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        parseRuleLines(lines.join("\n"));
        return true;
      } catch (error) {
        return error instanceof Error && "code" in error && error.code === "iptables-output";
      }
    }),
  );
  t.pass();
});
