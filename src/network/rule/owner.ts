// Which program made a chain or a rule: by the names that programs give their chains, sets, links and comments. Pure; knows no
// containers, only the names under which tsns writes them.
import { commentPrefix } from "../rule.ts";
import type { Condition, RuleMatch } from "./match.ts";
import { nobody, type RuleOwner } from "./view.ts";

type Pattern = readonly [RegExp, string];

/** Chains, and sets, by the names their programs document or write. */
const chainPatterns: readonly Pattern[] = [
  [/^TSNS-/, "tsns"],
  [/^DOCKER(-|$)/, "docker"],
  [/^NETAVARK[-_]/, "podman"],
  [/^CNI-/, "cni"],
  [/^LIBVIRT_/, "libvirt"],
  [/^ufw6?-/, "ufw"],
  [/^KUBE-/, "kube-proxy"],
  [/^cali-/, "calico"],
  [/^FLANNEL-/, "flannel"],
  [/^CILIUM_/, "cilium"],
  [/^WEAVE(-|$)/, "weave"],
  [/^(f2b|fail2ban)-/, "fail2ban"],
  [/^ts-(input|forward|postrouting)$/, "tailscale"],
  [/^MINIUPNPD/, "miniupnpd"],
  [/^CROWDSEC/, "crowdsec"],
  [/^sshguard$/, "sshguard"],
  // firewalld with its iptables backend.
  [/^RFC3964_IPv4$/, "firewalld"],
  [
    /^(INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)_(direct|ZONES|ZONES_SOURCE|(IN|OUT)_ZONES(_SOURCE)?|POLICIES_(pre|post)|bypass)$/,
    "firewalld",
  ],
  [/^(IN|OUT|FWD|FWDI|FWDO|FWO|PRE|POST)_\w[\w-]*?(_(pre|log|deny|allow|post))?$/, "firewalld"],
];

const commentPatterns: readonly Pattern[] = [
  [/^netavark /, "podman"],
  [/\bname: "?.*\bid: "?[0-9a-f]{12}/, "podman"],
  [/^CNI portfwd|^name: "/, "cni"],
  [/^kubernetes |^kube-proxy/, "kube-proxy"],
  [/^cali:/, "calico"],
  [/^flanneld /, "flannel"],
  [/^cilium/, "cilium"],
  [/^generated for LXD /, "lxd"],
  [/^generated for Incus /i, "incus"],
  [/^managed by lxd-bridge/, "lxd"],
  [/^wg-quick\(8\) /, "wg-quick"],
  [/dapp_/, "ufw"],
];

const linkPatterns: readonly Pattern[] = [
  [/^tsns(-|\d|$)/, "tsns"],
  [/^docker(\d|_gwbridge|$)/, "docker"],
  [/^br-[0-9a-f]{12}$/, "docker"],
  [/^podman\d*$/, "podman"],
  [/^cni-/, "cni"],
  [/^virbr\d*/, "libvirt"],
  [/^lxcbr\d*$/, "lxc"],
  [/^lxdbr\d*$/, "lxd"],
  [/^incusbr\d*$/, "incus"],
  [/^cali/, "calico"],
  [/^(cilium|lxc[0-9a-f]{12})/, "cilium"],
  [/^flannel/, "flannel"],
  [/^tailscale/, "tailscale"],
  [/^wg\d*$/, "wireguard"],
];

const find = (patterns: readonly Pattern[], text: string): string | undefined => patterns.find(([pattern]) => pattern.test(text))?.[1];

/** The program whose chain this is by its name; undefined for built-in and unknown ones. */
export const programOfChain = (chain: string): string | undefined => find(chainPatterns, chain);

/** The program whose link this is by its name. */
const programOfLink = (link: string): string | undefined => find(linkPatterns, link);

/** What of tsns a comment names: `tsns:forward:3`, `tsns:0123456789ab`, `tsns:tsns0`. */
function ownOfComment(comment: string): RuleOwner | undefined {
  if (!comment.startsWith(commentPrefix)) return undefined;
  const text = comment.slice(commentPrefix.length);
  const made = /^(forward|nat):(\d+)$/.exec(text);
  if (made) return { program: "tsns", kind: made[1] as "forward" | "nat", name: made[2] ?? "" };
  if (text === "host") return { program: "tsns" };
  if (/^[0-9a-f]{12}$/.test(text)) return { program: "tsns", kind: "container", name: text, id: text };
  return { program: "tsns", kind: "network", name: text };
}

function programOfCondition(condition: Condition): string | undefined {
  if (condition.kind === "interface" || condition.kind === "physical-interface") return programOfLink(condition.name);
  return condition.kind === "set" ? find(chainPatterns, condition.name) : undefined;
}

/** The owner of a rule as its own text tells, from the surest sign to the weakest: comment, chain, where it jumps, links. */
export function ownerOfRule(chain: string, { conditions, target, comments }: RuleMatch): RuleOwner {
  for (const comment of comments) {
    const own = ownOfComment(comment);
    if (own) return own;
  }
  const jumps = target.kind === "jump" || target.kind === "goto" ? programOfChain(target.chain) : undefined;
  const program =
    programOfChain(chain) ??
    jumps ??
    comments.map((comment) => find(commentPatterns, comment)).find((name) => name !== undefined) ??
    conditions.map(programOfCondition).find((name) => name !== undefined);
  return program === undefined ? nobody : { program };
}
