// `process.capabilities` (runtime-spec 1.2, config.md, Linux Process): what cannot be granted is told and left out.
import { capabilityMask, capabilityNames } from "../../../container/capability.ts";
import { isObjectNode, member, type Node, quote, texts, warn } from "../node.ts";
import type { RuntimeCapabilities } from "../type.ts";

const known: ReadonlySet<string> = new Set(capabilityNames.map((name) => `CAP_${name}`));

/** The known names of one set, each once; others go to `unknown`. */
function namesOf(node: Node, unknown: Set<string>): string[] {
  const names = new Set<string>();
  for (const written of texts(node)) {
    const name = written.toUpperCase();
    if (known.has(name)) names.add(name);
    else unknown.add(/^\w{1,80}$/.test(written) ? written : quote(written));
  }
  return [...names];
}

/** Those that the kernel grants beside `held` (capabilities(7)); the rest is told. */
function within(node: Node, names: readonly string[], title: string, held: readonly string[]): string[] {
  const others = names.filter((name) => !held.includes(name));
  if (others.length > 0) warn(node, `cannot be granted without being in ${title}, ignored: ${others.join(", ")}`);
  return names.filter((name) => held.includes(name));
}

/**
 * `boundingSet`: what can be had here, a mask; absent: all. `uid`: of the process. User 0 gets its permitted capabilities by execve(2) whatever is ambient
 * (capabilities(7)): what buildah says in ambient alone is granted, there is nothing to tell.
 */
export function parseCapabilities(node: Node, uid: number, boundingSet?: bigint): RuntimeCapabilities | undefined {
  if (!isObjectNode(node)) return undefined;
  const unknown = new Set<string>();
  const lacking = new Set<string>();
  const had = (name: string): boolean => boundingSet === undefined || (capabilityMask([name.replace(/^CAP_/, "")]) & boundingSet) !== 0n;
  const set = (name: string): string[] => {
    const names = namesOf(member(node, name), unknown);
    for (const each of names) if (!had(each)) lacking.add(each);
    return names.filter(had);
  };
  const ambient = member(node, "ambient");
  const permitted = set("permitted");
  const inheritable = set("inheritable");
  const offered = within(ambient, set("ambient"), "permitted", permitted);
  const capabilities = {
    bounding: set("bounding"),
    effective: within(member(node, "effective"), set("effective"), "permitted", permitted),
    permitted,
    inheritable,
    ambient: uid === 0 ? offered.filter((name) => inheritable.includes(name)) : within(ambient, offered, "inheritable", inheritable),
  };
  // Once for all sets, in runc's words.
  if (unknown.size > 0) warn(node, `ignoring unknown or unavailable capabilities: [${[...unknown].sort().join(" ")}]`);
  if (lacking.size > 0) warn(node, `cannot be granted, this runtime's own bounding set lacks them; ignored: ${[...lacking].join(", ")}`);
  return capabilities;
}
