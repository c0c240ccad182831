// Names of IP protocols as conntrack(8) and /proc/net/nf_conntrack write them.

export const protocolNames: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  58: "icmpv6",
  132: "sctp",
  136: "udplite",
};
