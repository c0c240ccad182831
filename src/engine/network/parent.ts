// The parent of a new network of driver macvlan or ipvlan: a link of the host, or what is made for it. Makes nothing.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { runProbes } from "../../kernel/check/native.ts";
import { hasLink, readLinkMtu } from "../../kernel/netlink/sysfs.ts";
import { driverOption } from "../../network/driver-option.ts";
import { shortHash } from "../../network/name.ts";
import { parentOption } from "../../network/parent-driver.ts";
import type { NetworkRequest } from "../../network/request.ts";
import type { NetworkSpec, ParentSpec } from "../../network/spec.ts";
import type { NetworkRecord } from "../../store/network-record.ts";

/** Link name of the parent, and how it is made; without the latter it is there. */
export type ParentChoice = { readonly name: string } & Pick<ParentSpec, "made">;

/**
 * Throws unsupported `no-macvlan` and the like where the kernel has no such links, invalid `bad-parent`, not-found `no-parent`, conflict
 * `parent-in-use`.
 */
export function chooseParent(root: string, request: NetworkRequest, others: readonly NetworkRecord[]): ParentChoice {
  requireKind(request.driver, `no networks of driver ${request.driver}`);
  const name = request.options[parentOption.parent];
  if (name === undefined || name === "") {
    requireKind("dummy", "give a parent: -o parent=LINK");
    return { name: `dm-${shortHash(`${root}\0${request.name}`, 12)}`, made: { kind: "dummy" } };
  }
  const user = others.find(({ spec, pending }) => spec.bridge === name && !pending);
  if (user) {
    throw new TsnsError("conflict", "parent-in-use", `network ${user.spec.name} is already using parent interface ${name}`, {
      hint: "give another parent, such as a VLAN of it: LINK.NUMBER",
    });
  }
  if (hasLink(name)) {
    refusePort(name, request.driver);
    checkMtu(name, request);
    return { name };
  }
  const vlan = chooseVlan(name);
  checkMtu(vlan.on, request);
  return { name, made: { kind: "vlan", ...vlan } };
}

/** A link carries no larger packets than the one it sits on. */
function checkMtu(parent: string, { options }: NetworkRequest): void {
  const [asked, most] = [Number(options[driverOption.mtu] ?? 0), readLinkMtu(parent)];
  if (most === undefined || asked <= most) return;
  throw new TsnsError("invalid", "bad-option-value", `mtu ${asked} is more than that of the parent: ${parent} has ${most}`, {
    hint: `give at most ${most}, or leave ${driverOption.mtu} out`,
  });
}

/** `eth0.10`: VLAN 10 of eth0. */
function chooseVlan(name: string): { readonly on: string; readonly id: number } {
  const [, on, number = ""] = /^(.+)\.(\d{1,4})$/.exec(name) ?? [];
  if (on === undefined || !hasLink(on)) {
    throw new TsnsError("not-found", "no-parent", `parent ${name}: this host has no link ${on ?? name}`, {
      hint: "ip link lists them; LINK.NUMBER is a VLAN of one, such as eth0.10",
    });
  }
  const id = Number(number);
  if (id < 1 || id > 4094) {
    throw new TsnsError("invalid", "bad-parent", `parent ${name}: vlan id must be between 1-4094, received: ${number}`, {
      hint: "such as eth0.10",
    });
  }
  requireKind("vlan", "give a parent that is there");
  return { on, id };
}

/** A link hands what comes in to one taker. */
function refusePort(name: string, driver: string): void {
  if (!existsSync(`/sys/class/net/${name}/master`)) return;
  throw new TsnsError("conflict", "parent-in-use", `parent ${name} is a port of a bridge or bond: links of ${driver} cannot sit on it`, {
    hint: "name the bridge or bond itself",
  });
}

const configurations: Readonly<Record<string, string>> = {
  macvlan: "CONFIG_MACVLAN",
  ipvlan: "CONFIG_IPVLAN",
  vlan: "CONFIG_VLAN_8021Q",
  dummy: "CONFIG_DUMMY",
};

/** The kernel is asked for one, in a namespace of its own. */
function requireKind(kind: string, without: string): void {
  const word = `link:${kind}`;
  const verdict = runProbes([word]).get(word)?.verdict;
  if (verdict === "OK") return;
  throw new TsnsError("unsupported", `no-${kind}`, `this kernel has no ${kind} links (${verdict ?? "no answer"}): ${without}`, {
    hint: `modprobe ${kind === "vlan" ? "8021q" : kind}, or use a kernel with ${configurations[kind]}; tsns check shows what there is`,
  });
}

/** Before a container joins. Throws unavailable `no-parent` when a link of the host's own has gone. */
export function requireParent({ name, bridge, parent }: NetworkSpec): void {
  if (!parent || parent.made || hasLink(bridge)) return;
  throw new TsnsError("unavailable", "no-parent", `network ${name}: its parent ${bridge} is not on this host`, {
    hint: "bring the link back, or make the network anew on another one",
    exitCode: 125,
  });
}
