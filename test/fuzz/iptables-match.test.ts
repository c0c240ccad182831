// Any words of a rule become a value and a sentence; the conditions of known options are found whatever stands around them.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseHiddenTables } from "../../src/kernel/iptables/all.ts";
import { parseRuleSet } from "../../src/kernel/iptables/index.ts";
import { placeOfIpv6 } from "../../src/kernel/network/place.ts";
import { parseBlock, parseIp, renderBlock, renderIp } from "../../src/network/rule/address.ts";
import { parseForward, renderForward } from "../../src/network/rule/forward-spec.ts";
import { parseMatch } from "../../src/network/rule/match.ts";
import { parseNat } from "../../src/network/rule/nat-spec.ts";
import { ownerOfRule } from "../../src/network/rule/owner.ts";
import { describeRule } from "../../src/network/rule/words.ts";

const folder = new URL("../kernel/iptables/", import.meta.url);
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith(".rules"))
  .flatMap((name) => parseRuleSet(readFileSync(new URL(name, folder), "utf8")).tables)
  .flatMap(({ rules }) => rules.map(({ rule }) => rule.args));

const known = [...new Set(recorded.flat())];
const word = fc.oneof(
  fc.constantFrom(...known),
  fc.string(),
  fc.constantFrom("!", "-", "--", "-j", "-g", "-m", "--dport", "0:0", "::/0", "1/0"),
);
const nobody = { of: () => undefined, localOnly: false };

t.test("any words", async () => {
  fc.assert(
    fc.property(fc.array(word), fc.string(), (args, chain) => {
      const match = parseMatch(args, new Set(["X"]));
      return typeof describeRule(match, nobody) === "string" && typeof ownerOfRule(chain, match).program === "string";
    }),
  );
});

t.test("words put before and after a recorded rule leave none of it out", async () => {
  fc.assert(
    fc.property(fc.constantFrom(...recorded), fc.stringMatching(/^[a-z]{1,8}$/), (args, option) => {
      const alone = parseMatch(args);
      const more = parseMatch(["-m", `x${option}`, `--x${option}`, "1", ...args]);
      return (
        !more.understood &&
        more.conditions.length === alone.conditions.length + 1 &&
        JSON.stringify(more.target.kind) === JSON.stringify(alone.target.kind)
      );
    }),
  );
});

t.test("addresses survive", async () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), fc.ipV6()),
      (text) => parseIp(renderIp(parseIp(text) ?? { family: "ipv4", value: 0n }))?.value === parseIp(text)?.value,
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(140), (text, prefix) => {
      const block = parseBlock(`${text}/${prefix}`);
      const again = block && parseBlock(renderBlock(block));
      return again?.base === block?.base && again?.mask === block?.mask;
    }),
  );
  fc.assert(
    fc.property(
      fc.string(),
      (text) => parseBlock(text) === undefined || renderBlock(parseBlock(text) ?? { family: "ipv4", base: 0n, mask: 0n }) !== "",
    ),
  );
});

t.test("specifications: understood and rendered back, or refused", async () => {
  const part = fc.oneof(
    fc.nat(70000).map(String),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.string({ maxLength: 6 }),
    fc.tuple(fc.nat(70000), fc.nat(70000)).map((pair) => pair.join("-")),
  );
  const refused = (body: () => boolean) => {
    try {
      return body();
    } catch (error) {
      return error instanceof TsnsError && error.kind === "invalid" && error.exitCode === 2;
    }
  };
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.constantFrom("", "/udp", "/x"), (parts, tail) =>
      refused(() => {
        const spec = parseForward(parts.join(":") + tail);
        return JSON.stringify(parseForward(renderForward(spec))) === JSON.stringify(spec);
      }),
    ),
  );
  fc.assert(fc.property(fc.string(), fc.string(), (subnet, out) => refused(() => parseNat(subnet, { out }).subnet.includes("/"))));
});

t.test("kernel text of any form", async () => {
  const route =
    "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0";
  const ip = parseIp("fe80::5") ?? { family: "ipv6" as const, value: 0n };
  t.same(placeOfIpv6(ip, route), { local: false, link: "eth0", subnet: "fe80::/64" });
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constant(route),
          fc.nat(route.length).map((length) => route.slice(length)),
        ),
      ),
      (lines) => {
        placeOfIpv6(ip, lines.join("\n"));
        return Array.isArray(parseHiddenTables(lines.join("\n")));
      },
    ),
  );
  t.same(
    parseHiddenTables(
      "# Table `firewalld' is incompatible, use 'nft' tool.\n# Table `x' contains incompatible base-chains, use 'nft' tool to list them.",
    ),
    ["firewalld", "x"],
  );
});
