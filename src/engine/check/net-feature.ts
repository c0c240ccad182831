// Features of links and packet filters.
import { type Feature, native } from "./feature.ts";

const link = (kind: string, config: string, without: string, essential = false): Feature => ({
  name: kind,
  group: "links",
  trial: native(`link:${kind}`),
  essential,
  without,
  get: `modprobe ${kind === "vlan" ? "8021q" : kind} (${config})`,
});

const links: readonly Feature[] = [
  link("bridge", "CONFIG_BRIDGE", "containers have no network but with --network host or none", true),
  link("veth", "CONFIG_VETH", "containers have no network but with --network host or none", true),
  link("vxlan", "CONFIG_VXLAN", "no overlay networks between hosts"),
  link("macvlan", "CONFIG_MACVLAN", "no networks of driver macvlan"),
  link("ipvlan", "CONFIG_IPVLAN", "no networks of driver ipvlan"),
  link("vlan", "CONFIG_VLAN_8021Q", "no networks on a VLAN"),
  link("dummy", "CONFIG_DUMMY", "unneeded by tsns; internal macvlan networks use it"),
  link("wireguard", "CONFIG_WIREGUARD", "no encrypted links between hosts"),
  {
    name: "tun",
    group: "links",
    trial: native("tun"),
    without: "no VPN programs inside containers",
    get: "modprobe tun, and the device /dev/net/tun (mknod /dev/net/tun c 10 200)",
  },
  {
    name: "link-filter",
    group: "links",
    trial: native("traffic:filter"),
    essential: true,
    without: "containers have a link only with --security-opt spoofing=allowed or --privileged",
    get: "modprobe sch_ingress cls_bpf (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF)",
  },
  {
    name: "link-rate",
    group: "links",
    trial: native("traffic:rate"),
    without: "no --net-rate, no tsns net rate",
    get: "modprobe ifb sch_tbf act_mirred (CONFIG_IFB, CONFIG_NET_SCH_TBF, CONFIG_NET_ACT_MIRRED)",
  },
  {
    name: "ip-forward",
    group: "links",
    trial: {
      by: "file",
      path: "/proc/sys/net/ipv4/ip_forward",
      judge: (text) => ({ state: text === "1" ? "yes" : "limited", how: `is ${text}` }),
      missing: { state: "no", how: "is missing" },
    },
    without: "tsns switches it on when it makes a network",
    get: "sysctl net.ipv4.ip_forward=1",
  },
  {
    name: "ipv6",
    group: "links",
    trial: native("sysctl:/proc/sys/net/ipv6/conf/all/forwarding"),
    without: "networks have IPv4 only",
    get: "take ipv6.disable=1 off the kernel's command line (CONFIG_IPV6)",
  },
];

const rule = (
  name: string,
  table: string,
  text: string,
  options: { essential?: boolean; program?: string; without?: string; get?: string } = {},
): Feature => ({
  name,
  group: "filter",
  trial: { by: "rule", program: options.program ?? "iptables-restore", table, rule: text },
  essential: options.essential ?? false,
  without: options.without ?? "networks and published ports fail: their rules need it",
  get: options.get ?? "boot a kernel with it, or use the other backend (update-alternatives --config iptables)",
});

const filters: readonly Feature[] = [
  rule("iptables-filter", "filter", "-A FORWARD -j ACCEPT", { essential: true }),
  rule("iptables-nat", "nat", "", { essential: true }),
  rule("iptables-mangle", "mangle", "", { without: "no isolation of bridges with a name of the user's choice" }),
  rule("iptables-raw", "raw", "", { without: "ports published on one address are reachable through others" }),
  rule("iptables-masquerade", "nat", "-A POSTROUTING -j MASQUERADE", { essential: true }),
  rule("iptables-dnat", "nat", "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80", { essential: true }),
  rule("iptables-addrtype", "nat", "-A PREROUTING -m addrtype --dst-type LOCAL -j RETURN", { essential: true }),
  rule("iptables-conntrack", "filter", "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", { essential: true }),
  rule("iptables-comment", "filter", '-A FORWARD -m comment --comment "tsns" -j ACCEPT', { essential: true }),
  rule("iptables-multiport", "filter", "-A FORWARD -p tcp -m multiport --dports 80,443 -j ACCEPT", {
    without: "unneeded: tsns writes one rule for each port range",
  }),
  rule("ip6tables-nat", "nat", "-A POSTROUTING -j MASQUERADE", {
    program: "ip6tables-restore",
    without: "IPv6 networks have no way out, and no published ports",
  }),
  rule("iptables-nft", "nat", "-A POSTROUTING -j MASQUERADE", {
    program: "iptables-nft-restore",
    without: "the legacy backend is used",
    get: "apt-get install iptables, on a kernel with nf_tables (CONFIG_NFT_COMPAT, CONFIG_NFT_NAT)",
  }),
  rule("iptables-legacy", "nat", "-A POSTROUTING -j MASQUERADE", {
    program: "iptables-legacy-restore",
    without: "the nft backend is used",
    get: "apt-get install iptables, on a kernel with ip_tables (CONFIG_IP_NF_NAT)",
  }),
  {
    name: "nf_tables",
    group: "filter",
    trial: native("netfilter:nftables"),
    without: "iptables works with its legacy backend only",
    get: "modprobe nf_tables (CONFIG_NF_TABLES)",
  },
  {
    name: "conntrack-netlink",
    group: "filter",
    trial: native("netfilter:conntrack"),
    without: "tsns net flows reads /proc/net/nf_conntrack, or nothing; stale connections are not flushed",
    get: "modprobe nf_conntrack_netlink (CONFIG_NF_CT_NETLINK)",
  },
  {
    name: "br_netfilter",
    group: "filter",
    trial: {
      by: "file",
      path: "/proc/sys/net/bridge/bridge-nf-call-iptables",
      judge: (text) => ({ state: text === "1" ? "yes" : "limited", how: `is ${text}` }),
      missing: { state: "no", how: "is missing: the module is not loaded" },
    },
    without: "packets between containers of one bridge pass no rules, which tsns's networks do not need",
    get: "modprobe br_netfilter, then sysctl net.bridge.bridge-nf-call-iptables=1",
  },
];

export const netFeatures: readonly Feature[] = [...links, ...filters];
