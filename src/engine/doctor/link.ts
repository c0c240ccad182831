// Links: veth ends that no container has, at bridges of this data root; and others' that lead nowhere.
import type { Finder, Finding } from "./finding.ts";
import type { Scene } from "./scene.ts";

/** Names tsns gives to the host's end of a container's pair (hostLinkName). */
const ownVeth = /^veth[0-9a-z]{11}$/;

export const findLinks: Finder = ({ links, networks, containers, isBusy, journalOwners }) => {
  const bridges = new Map(
    links.flatMap((link) => {
      const network = networks.find(({ spec }) => spec.bridge === link.name);
      return network ? [[link.index, network.spec.name] as const] : [];
    }),
  );
  const used = new Set(
    containers.flatMap(({ record, status }) =>
      status === "running" || journalOwners.includes(record.id) || isBusy(record.id)
        ? (record.run?.endpoints ?? []).map(({ hostLink }) => hostLink)
        : [],
    ),
  );
  return links
    .filter((link) => link.kind === "veth" && ownVeth.test(link.name) && !used.has(link.name))
    .flatMap((link): Finding[] => {
      const network = link.master === undefined ? undefined : bridges.get(link.master);
      if (network === undefined) return [];
      return [
        {
          kind: "veth",
          object: link.name,
          proof: `a port of network ${network} that no container has`,
          bytes: 0,
          owner: "tsns",
          repair: [{ kind: "link.remove", name: link.name }],
        },
      ];
    });
};

/** Bridges as docker, podman and CNI name them; their networks are made anew with the first container. */
const foreignBridge: readonly (readonly [pattern: RegExp, owner: string])[] = [
  [/^br-[0-9a-f]{12}$/, "docker"],
  [/^docker\d+$/, "docker"],
  [/^podman\d+$/, "podman"],
  [/^cni-/, "cni"],
  [/^tsns(0|-[0-9a-z]{10})$/, "tsns of another data root"],
];

export const findForeignLinks: Finder = ({ links, networks }) => {
  const own = new Set(networks.map(({ spec }) => spec.bridge));
  const ported = new Set(links.map((link) => link.master));
  const bridges = links.flatMap((link): Finding[] => {
    const owner = foreignBridge.find(([pattern]) => pattern.test(link.name))?.[1];
    if (link.kind !== "bridge" || owner === undefined || own.has(link.name) || ported.has(link.index)) return [];
    return [foreign("bridge", link.name, "it has no port", owner, { kind: "link.remove", name: link.name })];
  });
  const ends = links
    .filter((link) => link.kind === "veth" && (link.master ?? 0) === 0 && !link.up && /^(veth|cali|cilium|lxc)/.test(link.name))
    .map((link) => foreign("veth", link.name, "it is down and at no bridge", "unknown", { kind: "link.remove", name: link.name }));
  return [...bridges, ...ends, ...waiting(links)];
};

/** Links that what a container sends waits before (heldLink of src/network/name.ts): nothing in them says whose data root made them. */
function waiting(links: Scene["links"]): readonly Finding[] {
  const names = new Set(links.map(({ name }) => name));
  return links
    .filter(({ kind, name }) => kind === "ifb" && ownVeth.test(name.replace(/^ifb/, "veth")) && !names.has(name.replace(/^ifb/, "veth")))
    .map(({ name }) =>
      foreign("ifb", name, "the container's link that led there is gone", "tsns of another data root", { kind: "link.remove", name }),
    );
}

export const foreign = (kind: string, object: string, proof: string, owner: string, ...repair: Finding["repair"]): Finding => ({
  kind,
  object,
  proof,
  bytes: 0,
  owner,
  repair,
});
