// The quick way says what the slow one says, for every recorded rule and for any addresses and ports.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { parseRuleSet } from "../../../src/kernel/iptables/index.ts";
import { parseMatch } from "../../../src/network/rule/match.ts";
import { describeShaped, openLineShapes, openShapes } from "../../../src/network/rule/shape.ts";
import { describeRule } from "../../../src/network/rule/words.ts";

const folder = new URL("../../kernel/iptables/", import.meta.url);
const chains = new Set(["DOCKER"]);

function same(args: readonly string[], shapeOf = openShapes(chains)): boolean {
  const shaped = shapeOf("X", args);
  return [false, true].every((localOnly) => {
    const quick = shaped && describeShaped(shaped, localOnly);
    return quick === undefined || quick === describeRule(parseMatch(args, chains), { of: () => undefined, localOnly });
  });
}

t.test("recorded rules", async (t) => {
  const shapeOf = openShapes(chains);
  let quick = 0;
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".rules"))) {
    for (const { rules } of parseRuleSet(readFileSync(new URL(name, folder), "utf8")).tables) {
      for (const { rule } of rules) {
        t.ok(same(rule.args, shapeOf), rule.args.join(" "));
        const shaped = shapeOf("X", rule.args);
        if (shaped && describeShaped(shaped, false) !== undefined) quick++;
      }
    }
  }
  t.ok(quick > 50, `${quick} rules took the quick way`);
});

t.test("any addresses and ports", async () => {
  const port = fc.nat(65535).map(String);
  const rule = fc
    .tuple(fc.ipV4(), fc.ipV4(), port, port, fc.constantFrom("", "! "))
    .map(([one, other, from, to, not]) =>
      fc
        .sample(
          fc.constantFrom(
            `-p tcp -m tcp --dport ${from} -j DNAT --to-destination ${one}:${to}`,
            `${not}-s ${one}/32 ${not}-d ${other}/32 -p udp -m udp --sport ${from} --dport ${to} -j ACCEPT`,
            `-d ${one}/32 ! -i docker0 -p tcp -m tcp --dport ${to} -m comment --comment 255.254.253.1 -j DOCKER`,
            `-s ${one}/32 -m mark --mark 64901 -j DROP`,
            `-s 10.0.0.0/8 -d ${one}/32 -j LOG --log-prefix 255.254.253.0`,
          ),
          1,
        )[0]
        ?.split(" "),
    );
  const shapeOf = openShapes(chains);
  fc.assert(fc.property(fc.array(rule, { minLength: 1 }), (rules) => rules.every((args) => same(args ?? [], shapeOf))));
});

t.test("lines are read as their words are", async (t) => {
  const ofLine = openLineShapes(chains, (body) => body.split(" "));
  const ofWords = openShapes(chains);
  const one = "10.0.0.1";
  const bodies = [
    `-p tcp -m tcp --dport 80 -j DNAT --to-destination ${one}:81`,
    `-p tcp -m tcp --dport 90 -j DNAT --to-destination ${one}:91`,
    `-p tcp -m tcp --dport 90 -j DNAT --to-destination ${one}`,
    `-p tcp -m tcp --dport 90 -j DNAT --to-destination 10.0.0.3-10.0.0.9:91`,
    `-p tcp -m tcp --dport 80:90 -j DNAT --to-destination ${one}:91`,
    `-s ${one}/32 -d 10.0.0.2/32 -p udp -m udp --sport 5 -j ACCEPT`,
    `-s ${one}/32 -d 10.0.0.2/32 -p udp -m udp --sport 5 -j ACCEPT --more`,
    `-s ${one}/31 -d 10.0.0.2/32 -p udp -m udp --sport 5 -j ACCEPT`,
    `-s ${one}/32 -d 10.0.0.2/32 -p udp -m udp --sport 512345 -j ACCEPT`,
  ];
  for (const body of [...bodies, ...bodies.toReversed()]) {
    const [line, words] = [ofLine("X", body), ofWords("X", body.split(" "))];
    t.same([line?.values, line?.addresses], [words?.values, words?.addresses], body);
    t.equal(line && describeShaped(line, false), words && describeShaped(words, false), body);
  }
});
