// `ports SCOPE`: everything about links, their other ends and whose namespaces those are in, gathered over one socket and one walk of /proc, one
// fact a line, fields separated by tabs. Answers, and no questions of policy: hundreds of ports cost the caller one process.
//   link INDEX NAME KIND MAC MTU FLAGS OPERSTATE MASTER PEER NSID RXBYTES TXBYTES RXPACKETS TXPACKETS RXERRORS TXERRORS RXDROPPED TXDROPPED
//   bridge INDEX ID STP                        for bridges; ID and IP addresses are hexadecimal, STP a number
//   port INDEX NUMBER STATE HAIRPIN ISOLATED   for links that are a bridge's port
//   address NSID INDEX ADDRESS PREFIX SCOPE    NSID -1: this namespace; none of SCOPE or narrower (rtnetlink(7): RT_SCOPE_*)
//   peer NSID INDEX NAME MAC                   of a port's veth pair, in the namespace this one calls NSID (ip-netns(8))
//   namespace NSID INODE PID COMM CGROUPS STAT the lowest pid in it, its name, /proc/PID/cgroup and /proc/PID/stat, escaped
// What may not be looked at is left out. linux/if_link.h, rtnetlink(7).
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

#include "ns-line.h"
#include "ns-port-owner.h"
#include "ns-rtnetlink.h"
#include "ns.h"
#include "text.h"

#define SKIP_STATS 8  // RTEXT_FILTER_SKIP_STATS
#ifndef IFLA_TARGET_NETNSID
#define IFLA_TARGET_NETNSID 46
#endif

static void bytes_field(const struct nlattr *a, bool colons) {
  static const char digits[] = "0123456789abcdef";
  text_bytes(&out, "\t", 1);
  const uint8_t *bytes = (const uint8_t *)a + NLA_HDRLEN;
  for (size_t i = 0; a && i < a->nla_len - (size_t)NLA_HDRLEN && i < 32; i++) {
    char pair[3] = {digits[bytes[i] >> 4], digits[bytes[i] & 15], ':'};
    text_bytes(&out, pair, colons && i + 1 < a->nla_len - (size_t)NLA_HDRLEN ? 3 : 2);
  }
}

static void hex_field(const struct nlattr *a) { bytes_field(a, false); }
static void mac_field(const struct nlattr *a) { bytes_field(a, true); }

// The links that ports lead to, and the ids of their namespaces.
struct peer {
  uint32_t index;
  int32_t nsid;
};
static struct peer *peers;
static size_t peer_count, peer_room;

static void remember_peer(uint32_t index, int32_t nsid) {
  if (peer_count == peer_room) {
    peer_room = peer_room ? peer_room * 2 : 256;
    peers = realloc(peers, peer_room * sizeof *peers);
    if (!peers) ns_fail("malloc", "links");
  }
  peers[peer_count++] = (struct peer){index, nsid};
}

static bool is_wanted(int32_t nsid) {
  for (size_t i = 0; i < peer_count; i++)
    if (peers[i].nsid == nsid) return true;
  return false;
}

static void say_counters(const struct nlattr *a) {
  struct rtnl_link_stats64 s;
  memset(&s, 0, sizeof s);
  if (a) memcpy(&s, start(a), payload(a) < sizeof s ? payload(a) : sizeof s);
  const uint64_t list[] = {s.rx_bytes, s.tx_bytes, s.rx_packets, s.tx_packets, s.rx_errors, s.tx_errors, s.rx_dropped, s.tx_dropped};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) field(list[i]);
}

static void say_bridge(int index, const struct nlattr *data) {
  struct attributes b;
  sort_nested(&b, data);
  begin("bridge");
  field((uint64_t)index);
  hex_field(b.of[IFLA_BR_BRIDGE_ID]);
  field(value_of(b.of[IFLA_BR_STP_STATE]));
  text_add(&out, "\n");
}

static void say_port(int index, const struct nlattr *data) {
  struct attributes p;
  sort_nested(&p, data);
  begin("port");
  field((uint64_t)index);
  field(value_of(p.of[IFLA_BRPORT_NO]));
  field(value_of(p.of[IFLA_BRPORT_STATE]));
  field(value_of(p.of[IFLA_BRPORT_MODE]));
  field(value_of(p.of[IFLA_BRPORT_ISOLATED]));
  text_add(&out, "\n");
}

static void say_link(const struct nlmsghdr *h, int32_t unused) {
  (void)unused;
  const struct ifinfomsg *body = NLMSG_DATA(h);
  struct attributes a, info;
  if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof *body)) return;
  sort_attributes(&a, (const uint8_t *)body + sizeof *body, h->nlmsg_len - NLMSG_LENGTH(sizeof *body));
  sort_nested(&info, a.of[IFLA_LINKINFO]);
  const struct nlattr *kind = info.of[IFLA_INFO_KIND], *name = a.of[IFLA_IFNAME];
  int32_t nsid = a.of[IFLA_LINK_NETNSID] ? (int32_t)value_of(a.of[IFLA_LINK_NETNSID]) : -1;
  uint32_t master = value_of(a.of[IFLA_MASTER]), peer = value_of(a.of[IFLA_LINK]);
  begin("link");
  field((uint64_t)body->ifi_index);
  text_field(name ? start(name) : "", payload(name));
  text_field(kind ? start(kind) : "", payload(kind));
  mac_field(a.of[IFLA_ADDRESS]);
  field(value_of(a.of[IFLA_MTU]));
  field(body->ifi_flags);
  field(value_of(a.of[IFLA_OPERSTATE]));
  field(master);
  field(peer);
  signed_field(nsid);
  say_counters(a.of[IFLA_STATS64]);
  text_add(&out, "\n");
  if (is_text(kind, "bridge")) say_bridge(body->ifi_index, info.of[IFLA_INFO_DATA]);
  if (!is_text(info.of[IFLA_INFO_SLAVE_KIND], "bridge")) return;
  say_port(body->ifi_index, info.of[IFLA_INFO_SLAVE_DATA]);
  if (peer && nsid >= 0 && is_text(kind, "veth")) remember_peer(peer, nsid);
}

static void say_peer(const struct nlmsghdr *h, int32_t nsid) {
  const struct ifinfomsg *body = NLMSG_DATA(h);
  struct attributes a;
  if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof *body)) return;
  sort_attributes(&a, (const uint8_t *)body + sizeof *body, h->nlmsg_len - NLMSG_LENGTH(sizeof *body));
  begin("peer");
  signed_field(nsid);
  field((uint64_t)body->ifi_index);
  text_field(a.of[IFLA_IFNAME] ? start(a.of[IFLA_IFNAME]) : "", payload(a.of[IFLA_IFNAME]));
  mac_field(a.of[IFLA_ADDRESS]);
  text_add(&out, "\n");
}

static uint64_t narrow = 255;

static void say_address(const struct nlmsghdr *h, int32_t nsid) {
  const struct ifaddrmsg *body = NLMSG_DATA(h);
  struct attributes a;
  if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof *body)) return;
  sort_attributes(&a, (const uint8_t *)body + sizeof *body, h->nlmsg_len - NLMSG_LENGTH(sizeof *body));
  // A kernel that does not know the question answers for this namespace instead, and without the id.
  if (nsid >= 0 && (!a.of[IFA_TARGET_NETNSID] || (int32_t)value_of(a.of[IFA_TARGET_NETNSID]) != nsid)) return;
  if (body->ifa_scope >= narrow) return;
  begin("address");
  signed_field(nsid);
  field(body->ifa_index);
  hex_field(a.of[IFA_LOCAL] ? a.of[IFA_LOCAL] : a.of[IFA_ADDRESS]);
  field(body->ifa_prefixlen);
  field(body->ifa_scope);
  text_add(&out, "\n");
}

static void ask_peer(int fd, const struct peer *p) {
  struct question q;
  ask_for(&q, RTM_GETLINK, 0, sizeof q.body.link);
  q.body.link.ifi_index = (int)p->index;
  add_number(&q, IFLA_EXT_MASK, SKIP_STATS);
  add_number(&q, IFLA_TARGET_NETNSID, (uint32_t)p->nsid);
  if (ask(fd, &q, say_peer, p->nsid)) return;
  ask_for(&q, RTM_GETADDR, NLM_F_DUMP, sizeof q.body.address);
  q.body.address.ifa_index = p->index;
  add_number(&q, IFA_TARGET_NETNSID, (uint32_t)p->nsid);
  ask(fd, &q, say_address, p->nsid);
}

int ns_ports(int argc, char **argv) {
  struct question q;
  int fd = open_rtnetlink();
  if (argc < 2 || !parse_unsigned(argv[1], 10, &narrow)) {
    errno = EINVAL;
    ns_fail("parse", "scope");
  }
  ask_for(&q, RTM_GETLINK, NLM_F_DUMP, sizeof q.body.link);
  if ((errno = ask(fd, &q, say_link, 0))) ns_fail("list", "links");
  ask_for(&q, RTM_GETADDR, NLM_F_DUMP, sizeof q.body.address);
  if ((errno = ask(fd, &q, say_address, -1))) ns_fail("list", "addresses");
  int walk = peer_count ? start_owners(is_wanted) : -1;
  for (size_t i = 0; i < peer_count; i++) ask_peer(fd, &peers[i]);
  flush_lines();
  if (walk >= 0) finish_owners(walk);
  return 0;
}
