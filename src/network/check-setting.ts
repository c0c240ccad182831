// Checks of kernel settings and of the resolver: what /proc/sys and resolv.conf say. Pure.
import { pathOfKey } from "../plan/sysctl.ts";
import type { CheckFacts, CheckResult, CheckStatus } from "./check.ts";
import { family } from "./link-address.ts";
import { mainTable } from "./route-state.ts";

const setting = (key: string, value: string | undefined): string =>
  value === undefined ? `${pathOfKey(key)} is not there` : `${pathOfKey(key)} is ${value.replaceAll(/\s+/g, " ")}`;
const write = (key: string, value: string): string => `sysctl -w ${key}=${value}`;

/** Links that default routes leave by. */
export function uplinksOf({ routes, links }: CheckFacts): readonly string[] {
  const indices = routes.filter(
    ({ destination, table, type }) => destination.prefixLength === 0 && table === mainTable && type === "unicast",
  );
  const used = new Set(indices.flatMap(({ linkIndex, nextHops }) => [linkIndex, ...nextHops.map((hop) => hop.linkIndex)]));
  return links.filter(({ index }) => used.has(index)).map(({ name }) => name);
}

export function checkSettings(facts: CheckFacts): readonly CheckResult[] {
  return [
    checkForwarding(facts),
    checkIpv6Forwarding(facts),
    ...checkAdvertisements(facts),
    ...checkReversePath(facts),
    ...checkBridgeFilter(facts),
    ...checkConntrack(facts),
    ...checkPortRange(facts),
    ...checkResolver(facts),
  ];
}

function bridgesWithAddress({ links, addresses }: CheckFacts, which: number): readonly string[] {
  return links
    .filter(({ kind }) => kind === "bridge")
    .filter(({ index }) =>
      addresses.some((address) => address.linkIndex === index && address.family === which && address.scope === "global"),
    )
    .map(({ name }) => name);
}

function checkForwarding(facts: CheckFacts): CheckResult {
  const key = "net.ipv4.ip_forward";
  const value = facts.sysctls.get(key);
  const needed = bridgesWithAddress(facts, family.ipv4).length > 0;
  return {
    name: "ip-forward",
    status: value === "1" ? "ok" : needed ? "fail" : "warn",
    found: setting(key, value),
    why: "without forwarding no packet of a container leaves the host and no published port is answered; tsns turns it on with its first network",
    fix: value === "1" ? "" : write(key, "1"),
  };
}

function checkIpv6Forwarding(facts: CheckFacts): CheckResult {
  const key = "net.ipv6.conf.all.forwarding";
  const value = facts.sysctls.get(key);
  const bridges = bridgesWithAddress(facts, family.ipv6);
  const bad = value !== "1" && bridges.length > 0;
  return {
    name: "ipv6-forward",
    status: bad ? "fail" : "ok",
    found: `${setting(key, value)}, ${bridges.length === 0 ? "no bridge has an IPv6 network" : `IPv6 networks are on ${bridges.join(", ")}`}`,
    why: "without forwarding IPv6 packets of containers stay on their bridge",
    fix: bad ? write(key, "1") : "",
  };
}

/** RTPROT_RA: the route came by an advertisement. */
const advertised = 9;

/** accept_ra 1 is no while the link forwards, 2 is yes (Documentation/networking/ip-sysctl.rst). */
function checkAdvertisements(facts: CheckFacts): readonly CheckResult[] {
  const learnt = new Set(
    facts.routes
      .filter(({ protocol, destination }) => protocol === advertised && destination.prefixLength === 0)
      .map((route) => route.linkIndex),
  );
  return facts.links
    .filter(({ index }) => learnt.has(index))
    .map(({ name }): CheckResult => {
      const key = `net.ipv6.conf.${name}.accept_ra`;
      const value = facts.sysctls.get(key);
      const bad = value === "1" && facts.sysctls.get(`net.ipv6.conf.${name}.forwarding`) === "1";
      return {
        name: "router-advertisements",
        status: bad ? "fail" : "ok",
        found: `${setting(key, value)}, the IPv6 default route of ${name} came by an advertisement${bad ? ", and the link forwards" : ""}`,
        why: "a link that forwards hears no advertisements unless accept_ra is 2: the host's own default route runs out",
        fix: bad ? write(key, "2") : "",
      };
    });
}

/** The stricter of the two counts, Documentation/networking/ip-sysctl.rst; 2 (loose) is the highest number. */
function checkReversePath(facts: CheckFacts): readonly CheckResult[] {
  const uplinks = uplinksOf(facts);
  return uplinks.map((link) => {
    const [all, own] = ["all", link].map((name) => facts.sysctls.get(`net.ipv4.conf.${name}.rp_filter`));
    const effective = Math.max(Number(all ?? 0), Number(own ?? 0));
    const bad = effective === 1 && uplinks.length > 1;
    return {
      name: "rp-filter",
      status: bad ? "warn" : "ok",
      found: `${setting("net.ipv4.conf.all.rp_filter", all)}, of ${link} ${own ?? "absent"}: ${["off", "strict", "loose"][effective] ?? effective}`,
      why: "strict filtering drops answers that come in by another uplink than the route goes out by",
      fix: bad ? write(`net.ipv4.conf.${link}.rp_filter`, "2") : "",
    } satisfies CheckResult;
  });
}

function checkBridgeFilter({ sysctls }: CheckFacts): readonly CheckResult[] {
  const why = "without it rules between containers of one bridge have no effect, and some engines' isolation leaks";
  return ["net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"].map((key) => {
    const value = sysctls.get(key);
    const found = value === undefined ? `${pathOfKey(key)} is not there: br_netfilter is not loaded` : setting(key, value);
    const fix = value === "1" ? "" : value === undefined ? `modprobe br_netfilter && ${write(key, "1")}` : write(key, "1");
    return {
      name: key.endsWith("ip6tables") ? "br-netfilter-ipv6" : "br-netfilter",
      status: value === "1" ? "ok" : "warn",
      found,
      why,
      fix,
    };
  });
}

/** Shares of the table from which new connections are soon, or already, dropped. */
const fill = { warn: 0.75, fail: 0.9 } as const;

function checkConntrack({ sysctls }: CheckFacts): readonly CheckResult[] {
  const [countKey, maxKey] = ["net.netfilter.nf_conntrack_count", "net.netfilter.nf_conntrack_max"];
  const [count, max] = [Number(sysctls.get(countKey) ?? Number.NaN), Number(sysctls.get(maxKey) ?? Number.NaN)];
  const why = "a full table drops every new connection of all containers";
  if (!(max > 0) || !(count >= 0)) {
    return [
      { name: "conntrack", status: "ok", found: `${pathOfKey(countKey)} is not there: nothing tracks connections yet`, why, fix: "" },
    ];
  }
  const share = count / max;
  const status: CheckStatus = share >= fill.fail ? "fail" : share >= fill.warn ? "warn" : "ok";
  const found = `${count} of ${max} entries (${(share * 100).toFixed(1)}%), ${pathOfKey(countKey)} and ${pathOfKey(maxKey)}`;
  return [{ name: "conntrack", status, found, why, fix: status === "ok" ? "" : write(maxKey, String(max * 2)) }];
}

function inRanges(port: number, text: string): boolean {
  return text.split(",").some((part) => {
    const [first = Number.NaN, last = first] = part.trim().split("-").map(Number);
    return port >= first && port <= last;
  });
}

function checkPortRange({ sysctls, published }: CheckFacts): readonly CheckResult[] {
  const [key, reservedKey] = ["net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"];
  const value = sysctls.get(key);
  const [first, last] = (value ?? "").trim().split(/\s+/).map(Number);
  if (first === undefined || last === undefined || Number.isNaN(first + last)) return [];
  const reserved = sysctls.get(reservedKey)?.trim() ?? "";
  const clashes = published.filter(
    (port) => port.first <= last && port.last >= first && !(inRanges(port.first, reserved) && inRanges(port.last, reserved)),
  );
  // once a number, whatever protocols and families it is published for
  const names = [...new Set(clashes.map((port) => (port.first === port.last ? `${port.first}` : `${port.first}-${port.last}`)))];
  const wanted = [...(reserved === "" ? [] : [reserved]), ...names].join(",");
  return [
    {
      name: "local-ports",
      status: clashes.length > 0 ? "warn" : "ok",
      found: `${setting(key, value)}, ${clashes.length > 0 ? `published ports in it: ${names.join(", ")}` : `none of ${published.length} published ports is in it`}`,
      why: "the kernel may take such a port for an outgoing connection before the container's port is published",
      fix: clashes.length > 0 ? write(reservedKey, wanted) : "",
    },
  ];
}

function checkResolver({ nameservers }: CheckFacts): readonly CheckResult[] {
  const loopback = nameservers.filter((server) => server.startsWith("127.") || server === "::1");
  const all = nameservers.length > 0 && loopback.length === nameservers.length;
  return [
    {
      name: "resolver",
      status: nameservers.length === 0 || all ? "warn" : "ok",
      found: nameservers.length === 0 ? "/etc/resolv.conf names no name server" : `/etc/resolv.conf names ${nameservers.join(", ")}`,
      why: "a name server on the host's loopback address cannot be reached from containers of the default network, which are given public ones instead",
      fix: nameservers.length === 0 || all ? "tsns run --dns ADDRESS ..." : "",
    },
  ];
}
