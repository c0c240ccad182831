// Who reaches whom between networks, in both families and whatever order they were made in; what the administrator's chain says first.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { parsePort } from "../../src/network/port.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";
import { needRoot } from "../fixture/root.ts";
import { askMany, joinContainer, type Member, networkPlan, openNeighbour, perform, sh, undo } from "../network/lab.ts";

const pools = (number: number) => [
  { subnet: `10.66.${number}.0/24`, gateway: `10.66.${number}.1` },
  { subnet: `fd66:${number}::/64`, gateway: `fd66:${number}::1` },
];
const network = (name: string, number: number, more: Partial<NetworkSpec> = {}): NetworkSpec => ({
  name,
  bridge: `tsns-${name}`,
  pools: pools(number),
  ...more,
});
const specs = [
  network("one", 1),
  network("two", 2),
  network("own", 3, { bridge: "bridge7" }),
  network("shut", 4, { internal: true }),
  network("quiet", 5, { icc: false }),
] as const;

/** IPv4 and IPv6 address of a host of a network. */
const addresses = (number: number, host: number) => [`10.66.${number}.${host}`, `fd66:${number}::${host}`] as const;

async function join(spec: NetworkSpec, host: number, ports: readonly string[] = []): Promise<Member> {
  const number = specs.findIndex(({ name }) => name === spec.name) + 1;
  const [four, six] = addresses(number, host);
  return joinContainer(spec, `${spec.name}${host}`, four, ports.flatMap(parsePort), [80], six);
}

/** A question for the IPv4 and the IPv6 address, the answers expected to it, and why. */
type Case = readonly [from: Member, targets: readonly [string, string], port: number, expected: readonly [string, string], why: string];

async function check(t: Test, cases: readonly Case[]): Promise<void> {
  const questions = cases.flatMap(([{ pid }, targets, port, expected]) =>
    targets.map((target, at) => ({ pid, what: `tcp ${target} ${port}`, inVain: expected[at] === "" })),
  );
  const answers = await askMany(questions);
  for (const [at, [from, targets, , expected, why]] of cases.entries())
    t.same(answers.slice(2 * at, 2 * at + 2), expected, `${from.address} asks ${targets[0]}: ${why}`);
}

const nobody = ["", ""] as const;
const lan = ["10.99.0.1", "fd99::1"] as const;

async function verdicts(t: Test, order: readonly NetworkSpec[]): Promise<void> {
  const made = order.map(networkPlan);
  for (const plan of made) await perform(plan);
  const [one, two, own, shut, quiet] = specs;
  const members = await Promise.all([
    join(one, 2, ["8080:80"]),
    join(two, 2),
    join(own, 2),
    join(shut, 2),
    join(quiet, 2),
    join(shut, 3),
    join(quiet, 3, ["8082:80"]),
    join(one, 3),
  ]);
  const [inOne, inTwo, inOwn, inShut, inQuiet, , published] = members;
  const apart = (from: Member, to: number): Case => [from, addresses(to, 2), 80, nobody, "another network"];
  await check(t, [
    apart(inOne, 2),
    apart(inTwo, 1),
    apart(inOne, 3),
    apart(inOwn, 1),
    apart(inTwo, 4),
    apart(inShut, 1),
    apart(inQuiet, 2),
    [inOne, addresses(1, 3), 80, ["one3 10.66.1.2", "one3 fd66:1::2"], "neighbours of a network"],
    [inShut, addresses(4, 3), 80, ["shut3 10.66.4.2", "shut3 fd66:4::2"], "neighbours of an internal one"],
    [inQuiet, addresses(5, 3), 80, nobody, "neighbours that are not to reach each other"],
    [inTwo, lan, 8080, ["one2 10.66.1.1", "one2 fd66:1::1"], "a published port from another network"],
    [inOwn, lan, 8080, ["one2 10.66.1.1", "one2 fd66:1::1"], "and from one with a bridge of the user's name"],
    [inQuiet, lan, 8080, ["one2 10.66.1.1", "one2 fd66:1::1"], "and from one whose members are apart"],
    [inQuiet, lan, 8082, ["quiet3 10.66.5.1", "quiet3 fd66:5::1"], "a published port of such a neighbour, by the host's address"],
    [inQuiet, addresses(5, 1), 8082, ["quiet3 10.66.5.1", "quiet3 fd66:5::1"], "and by the gateway's"],
    [published, lan, 8082, ["quiet3 10.66.5.1", "quiet3 fd66:5::1"], "by itself, too"],
    [inShut, lan, 8080, nobody, "nothing leaves an internal network"],
    [inShut, addresses(4, 1), 8080, nobody, "not by its own gateway either"],
  ]);
  for (const member of members) {
    await member.stop();
    await undo(member.plan);
  }
  for (const plan of made.toReversed()) await undo(plan);
  t.equal(ownRules(), "", "nothing is left");
}

const ownRules = () => sh("for p in iptables ip6tables; do $p-save; done | grep -i tsns || true");

t.test("isolation", needRoot, async (t) => {
  const neighbour = await openNeighbour();
  t.teardown(() => neighbour.stop());
  for (const [what, order, value] of [
    ["in order, bridged packets passing iptables", specs, "1"],
    ["the other way round, bridged packets not passing iptables", specs.toReversed(), "0"],
  ] as const) {
    for (const family of ["ip", "ip6"]) writeFileSync(`/proc/sys/net/bridge/bridge-nf-call-${family}tables`, value);
    await t.test(what, (t) => verdicts(t, order));
  }
});

t.test("the administrator's chain is asked first", needRoot, async (t) => {
  const [one, two] = specs;
  const made = [one, two].map(networkPlan);
  for (const plan of made) await perform(plan);
  const members = [await join(one, 2), await join(two, 2, ["8081:80"])] as const;
  const [inOne] = members;
  const forBoth = (rules: string) => {
    for (const program of ["iptables", "ip6tables"])
      sh(rules.replaceAll("USER", `${program} -A TSNS-USER`).replaceAll("EMPTY", `${program} -F TSNS-USER`));
  };
  forBoth("USER -i tsns-one -o tsns-two -j ACCEPT; USER -i tsns-two -o tsns-one -j ACCEPT");
  await check(t, [[inOne, addresses(2, 2), 80, ["two2 10.66.2.1", "two2 fd66:2::1"], "what it accepts passes"]]);
  forBoth("EMPTY; USER -o tsns-two -j REJECT");
  await check(t, [[inOne, addresses(1, 1), 8081, nobody, "what it refuses does not, published or not"]]);
  for (const member of members) {
    await member.stop();
    await undo(member.plan);
  }
  for (const plan of made) await undo(plan);
  t.equal(
    ownRules()
      .split("\n")
      .filter((line) => /-A TSNS-/.test(line)).length,
    2,
    "its rules stay",
  );
  forBoth("EMPTY");
  await perform(networkPlan(one));
  await undo(networkPlan(one));
  t.equal(ownRules(), "");
});

t.test("bridges of other programs are left to the host's own rules", needRoot, async (t) => {
  const [one] = specs;
  const made = networkPlan(one);
  await perform(made);
  const inOne = await join(one, 2);
  // A container of docker's, whose network docker's rules would close.
  const theirs = await joinContainer(
    { name: "theirs", bridge: await bridgeOf("br-0123456789ab"), pools: pools(9) },
    "theirs",
    "10.66.9.2",
    [],
    [80],
    "fd66:9::2",
  );
  const ask = (expected: readonly [string, string], why: string) => check(t, [[inOne, addresses(9, 2), 80, expected, why]]);
  await ask(["theirs 10.66.9.1", "theirs fd66:9::1"], "the host forbids nothing");
  sh("for p in iptables ip6tables; do $p -P FORWARD DROP; done");
  await ask(nobody, "the host passes on nothing by policy, and tsns lets out, not in there");
  sh("for p in iptables ip6tables; do $p -P FORWARD ACCEPT; done");
  for (const member of [inOne, theirs]) await member.stop();
  await undo(made);
});

/** A bridge as another program makes one, with the first addresses of network 9. */
async function bridgeOf(name: string): Promise<string> {
  sh(
    `ip link add ${name} type bridge; ip addr add 10.66.9.1/24 dev ${name}; ip addr add fd66:9::1/64 dev ${name} nodad; ip link set ${name} up`,
  );
  return name;
}
