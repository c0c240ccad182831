// Checks of iptables rules and firewalls: backends, FORWARD's policy, who else writes rules. Pure.
import type { CheckFacts, CheckResult, RuleFact } from "./check.ts";
import { families } from "./ip.ts";
import { family } from "./link-address.ts";

export function checkRules(facts: CheckFacts): readonly CheckResult[] {
  const { rules, rulesFault, firewalls } = facts;
  const seen: readonly CheckResult[] = rules
    ? [...checkBackends(rules), ...checkForwardPolicy(facts, rules)]
    : [
        {
          name: "iptables",
          status: "warn",
          found: rulesFault,
          why: "rules decide whether containers reach anything",
          fix: rulesFault.includes("installed") ? "apt-get install iptables" : "sudo tsns net check",
        },
      ];
  return [...seen, ...firewalls.map(checkFirewall)];
}

const familyWord = { ipv4: "IPv4", ipv6: "IPv6" } as const;
const programOf = (which: RuleFact["family"], backend: RuleFact["backend"]) =>
  `${which === "ipv6" ? "ip6tables" : "iptables"}-${backend}-save`;

function checkBackends(rules: readonly RuleFact[]): readonly CheckResult[] {
  return families.map((which) => {
    const filled = rules.filter((fact) => fact.family === which && fact.rules > 0);
    const counts = filled.map(({ backend, rules: count }) => `${count} by ${programOf(which, backend)}`);
    const both = filled.length > 1;
    return {
      name: which === "ipv4" ? "iptables-backends" : "ip6tables-backends",
      status: both ? "fail" : "ok",
      found: `${familyWord[which]} rules: ${counts.join(", ") || "none"}`,
      why: "a packet passes the rules of both backends: one of them may drop what the other accepts, and iptables itself lists only one",
      fix: both ? `update-alternatives --config ${which === "ipv6" ? "ip6tables" : "iptables"}` : "",
    } satisfies CheckResult;
  });
}

/** Engines whose chains say that they let their own containers through. */
const accepting = /^(TSNS-|DOCKER|NETAVARK|CNI-|LIBVIRT_|KUBE-|ufw6?-)/;

function checkForwardPolicy({ links, addresses }: CheckFacts, rules: readonly RuleFact[]): readonly CheckResult[] {
  const bridges = links.filter(({ kind }) => kind === "bridge");
  const hasNetwork = (wanted: RuleFact["family"]) =>
    wanted === "ipv4"
      ? bridges.length > 0
      : bridges.some(({ index }) =>
          addresses.some((address) => address.linkIndex === index && address.family === family.ipv6 && address.scope === "global"),
        );
  return rules
    .filter(({ forwardPolicy }) => forwardPolicy !== undefined)
    .map(({ family: which, backend, forwardPolicy, chains }) => {
      const drops = forwardPolicy === "DROP";
      const engines = [...new Set(chains.flatMap((chain) => accepting.exec(chain)?.[1]?.replace(/[-_]$/, "") ?? []))];
      const stuck = drops && engines.length === 0 && hasNetwork(which);
      const command = which === "ipv6" ? "ip6tables" : "iptables";
      return {
        name: which === "ipv4" ? "forward-policy" : "forward-policy-ipv6",
        status: stuck ? "fail" : drops ? "warn" : "ok",
        found: `${programOf(which, backend)}: the policy of FORWARD is ${forwardPolicy}${drops && engines.length > 0 ? `, chains of ${engines.join(", ")} accept their own` : ""}`,
        why: "with the policy DROP bridges whose traffic no rule accepts are cut off",
        fix: stuck ? `${command}-${backend} -P FORWARD ACCEPT` : "",
      } satisfies CheckResult;
    });
}

function checkFirewall({ name, active, evidence }: CheckFacts["firewalls"][number]): CheckResult {
  return {
    name,
    status: active ? "warn" : "ok",
    found: evidence,
    why: "published ports are opened before its rules are asked, and its reload may take container rules away",
    fix: active ? "tsns net exposed" : "",
  };
}
