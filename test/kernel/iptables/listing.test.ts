// Listings of real rule sets, written by iptables-save -c 1.8.9 with both backends: docker's, podman's, and odd ones.
import { readFileSync } from "node:fs";
import t from "tap";
import { parseRuleSet, renderRuleSet } from "../../../src/kernel/iptables/index.ts";

const listing = (name: string) => readFileSync(new URL(`${name}.rules`, import.meta.url), "utf8");
const table = (name: string, wanted: string) => parseRuleSet(listing(name)).tables.find((each) => each.table === wanted);

t.test("they survive a round trip", async (t) => {
  for (const name of ["docker-legacy", "docker-nft", "podman-nft", "odd-legacy", "kube-proxy-legacy", "kube-proxy-nft"]) {
    const set = parseRuleSet(listing(name));
    const count = (text: string, start: RegExp) => text.split("\n").filter((line) => start.test(line)).length;
    t.equal(set.tables.flatMap((each) => each.rules).length, count(listing(name), /^\[/), `${name}: every rule`);
    t.equal(set.tables.flatMap((each) => each.chains).length, count(listing(name), /^:/), `${name}: every chain`);
    t.same(parseRuleSet(renderRuleSet(set)), set, name);
  }
});

t.test("both backends say the same of the same rules", async (t) => {
  const sorted = (name: string) => parseRuleSet(listing(name)).tables.toSorted((one, other) => (one.table < other.table ? -1 : 1));
  t.same(
    sorted("docker-nft").map((each) => each.rules),
    sorted("docker-legacy").map((each) => each.rules),
  );
});

t.test("policies, counters, negation", async (t) => {
  const filter = table("docker-nft", "filter");
  t.match(
    filter?.chains.find((chain) => chain.name === "FORWARD"),
    { policy: "DROP", counter: { packets: 7n, bytes: 420n } },
  );
  t.notOk(filter?.chains.find((chain) => chain.name === "DOCKER")?.policy, "a user's chain has none");
  t.same(filter?.rules[2], {
    rule: {
      table: "filter",
      chain: "DOCKER",
      args: "-d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT".split(" "),
    },
    counter: { packets: 2n, bytes: 120n },
  });
});

t.test("quotes and large counters", async (t) => {
  const filter = table("odd-legacy", "filter");
  t.equal(filter?.rules[0]?.rule.args[3], 'it\'s "q" \\ x');
  t.equal(filter?.rules[1]?.rule.args[3], "GET / HTTP");
  t.equal(filter?.chains[1]?.counter.bytes, 9007199254740993n, "beyond 2^53");
});

t.test("what is no listing is named by its line", async (t) => {
  for (const text of ["garbage", "*nosuch\nCOMMIT", "*nat\n:X\nCOMMIT", "*nat\n-I X -j Y\nCOMMIT", "*nat\n[1:x] -A X -j Y\nCOMMIT"]) {
    t.throws(() => parseRuleSet(text), { kind: "unsupported", code: "iptables-output", message: /^line [12] / }, JSON.stringify(text));
  }
});
