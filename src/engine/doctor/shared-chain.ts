// The chains that all networks of the host share, with no network's rules left in them: each transaction that makes them fills them too.
import { families } from "../../network/ip.ts";
import { releaseChains, sharedChain } from "../../network/rule/shared.ts";
import type { Finder, Finding } from "./finding.ts";

const { user: _administrators, networks, ...sets } = sharedChain;

export const findSharedChains: Finder = ({ rules: { rules, chains } }) =>
  families.flatMap((family): Finding[] => {
    const names: readonly string[] = [networks, ...Object.values(sets)];
    const there = chains.filter((seen) => seen.family === family && names.includes(seen.chain)).map(({ chain }) => chain);
    const filled = rules.some((seen) => seen.family === family && seen.chain !== networks && names.includes(seen.chain));
    if (there.length === 0 || filled) return [];
    return [
      {
        kind: "chains",
        object: `${there.join(", ")} (${family === "ipv4" ? "IPv4" : "IPv6"})`,
        proof: "no network has a rule in them",
        bytes: 0,
        owner: "tsns",
        repair: [{ kind: "rule.apply", transaction: { family, changes: releaseChains(family) } }],
      },
    ];
  });
