// `ports SCOPE`: everything about links, their other ends and whose namespaces those are in, gathered over one socket and one walk of /proc, one
// fact a line, fields separated by tabs. Answers, and no questions of policy: hundreds of ports cost the caller one process.
//   link INDEX NAME KIND MAC MTU FLAGS OPERSTATE MASTER PEER NSID RXBYTES TXBYTES RXPACKETS TXPACKETS RXERRORS TXERRORS RXDROPPED TXDROPPED
//   bridge INDEX ID STP                        for bridges; ID and IP addresses are hexadecimal, STP a number
//   port INDEX NUMBER STATE HAIRPIN ISOLATED   for links that are a bridge's port
//   address NSID INDEX ADDRESS PREFIX SCOPE    NSID -1: this namespace; none of SCOPE or narrower (rtnetlink(7): RT_SCOPE_*)
//   peer NSID INDEX NAME MAC                   of a port's veth pair, in the namespace this one calls NSID (ip-netns(8))
//   namespace NSID INODE PID COMM CGROUPS STAT the lowest pid in it, its name, /proc/PID/cgroup and /proc/PID/stat, escaped
// What may not be looked at is left out. linux/if_link.h, linux/net_namespace.h, rtnetlink(7).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns-inode.h"
#include "ns-line.h"
#include "ns.h"
#include "text.h"

#define TYPES 64  // attributes beyond are not looked at
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

struct attributes {
  const struct nlattr *of[TYPES];
};

static void sort_attributes(struct attributes *table, const uint8_t *at, size_t size) {
  memset(table, 0, sizeof *table);
  while (size >= NLA_HDRLEN) {
    const struct nlattr *a = (const struct nlattr *)(const void *)at;
    if (a->nla_len < NLA_HDRLEN || a->nla_len > size) return;
    if ((a->nla_type & NLA_TYPE_MASK) < TYPES) table->of[a->nla_type & NLA_TYPE_MASK] = a;
    size_t step = NLA_ALIGN(a->nla_len);
    if (step > size) return;
    at += step;
    size -= step;
  }
}

static void sort_nested(struct attributes *table, const struct nlattr *a) {
  const uint8_t *at = (const uint8_t *)a;
  sort_attributes(table, a ? at + NLA_HDRLEN : at, a ? a->nla_len - (size_t)NLA_HDRLEN : 0);
}

static size_t payload(const struct nlattr *a) { return a ? a->nla_len - (size_t)NLA_HDRLEN : 0; }
static const char *start(const struct nlattr *a) { return (const char *)a + NLA_HDRLEN; }

static uint32_t value_of(const struct nlattr *a) {
  uint32_t value = 0;
  if (a) memcpy(&value, start(a), payload(a) < 4 ? payload(a) : 4);  // little-endian, or 4 bytes
  return value;
}

static bool is_text(const struct nlattr *a, const char *word) {
  return a && payload(a) > strlen(word) && !memcmp(start(a), word, strlen(word) + 1);
}

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

struct question {
  struct nlmsghdr header;
  union {
    struct ifinfomsg link;
    struct ifaddrmsg address;
    struct rtgenmsg any;
    uint8_t bytes[16];
  } body;
  uint8_t attributes[32];
};

static void ask_for(struct question *q, uint16_t type, uint16_t flags, size_t body) {
  static uint32_t sequence;
  memset(q, 0, sizeof *q);
  q->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
  q->header.nlmsg_type = type;
  q->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  q->header.nlmsg_seq = ++sequence;
}

static void add_number(struct question *q, uint16_t type, uint32_t value) {
  struct nlattr *a = (struct nlattr *)(void *)((uint8_t *)q + q->header.nlmsg_len);
  a->nla_len = NLA_HDRLEN + 4;
  a->nla_type = type;
  memcpy((uint8_t *)a + NLA_HDRLEN, &value, 4);
  q->header.nlmsg_len += NLA_HDRLEN + 4;
}

// Calls `hear` for every message of the answer. Returns the error, 0 without.
static int ask(int fd, const struct question *q, void (*hear)(const struct nlmsghdr *, int32_t), int32_t nsid) {
  static uint8_t buffer[1 << 18] __attribute__((aligned(8)));
  if (send(fd, q, q->header.nlmsg_len, 0) < 0) ns_fail("send", "netlink");
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("recv", "netlink");
    size_t left = (size_t)n;
    for (const struct nlmsghdr *h = (const void *)buffer; left >= sizeof *h && h->nlmsg_len >= sizeof *h && h->nlmsg_len <= left;) {
      if (h->nlmsg_seq == q->header.nlmsg_seq) {
        int32_t error = 0;
        bool over = h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
        if (over && h->nlmsg_len >= NLMSG_LENGTH(4)) memcpy(&error, NLMSG_DATA(h), 4);
        if (over) return -error;
        hear(h, nsid);
        if (!(h->nlmsg_flags & NLM_F_MULTI) && !(q->header.nlmsg_flags & NLM_F_ACK)) return 0;
      }
      size_t step = NLMSG_ALIGN(h->nlmsg_len);
      if (step >= left) break;
      left -= step;
      h = (const void *)((const uint8_t *)h + step);
    }
  }
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

static int32_t found_id;

static void hear_id(const struct nlmsghdr *h, int32_t unused) {
  (void)unused;
  struct attributes a;
  if (h->nlmsg_len < NLMSG_LENGTH(4)) return;
  sort_attributes(&a, (const uint8_t *)NLMSG_DATA(h) + 4, h->nlmsg_len - NLMSG_LENGTH(4));
  if (a.of[NETNSA_NSID]) found_id = (int32_t)value_of(a.of[NETNSA_NSID]);
}

static int32_t id_of(int fd, uint32_t pid) {
  struct question q;
  found_id = -1;
  ask_for(&q, RTM_GETNSID, 0, 4);
  add_number(&q, NETNSA_PID, pid);
  ask(fd, &q, hear_id, 0);
  return found_id;
}

static uint64_t inode_of(int proc, const char *path) {
  char target[64];
  uint64_t inode;
  ssize_t n = readlinkat(proc, path, target, sizeof target - 1);
  if (n < 7 || strncmp(target, "net:[", 5)) return 0;
  target[n - 1] = 0;
  return parse_unsigned(target + 5, 10, &inode) ? inode : 0;
}

static void text_of(int proc, const char *pid, const char *file) {
  char path[64], bytes[4096];
  struct text t = {path, sizeof path, 0};
  text_add(&t, pid);
  text_add(&t, file);
  int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
  if (fd >= 0) close(fd);
  text_field(bytes, n < 0 ? 0 : (size_t)n);
}

static void say_namespaces(int fd) {
  DIR *all = opendir("/proc");
  if (!all) ns_fail("open", "/proc");
  int proc = dirfd(all);
  meet_inode(inode_of(proc, "self/ns/net"));
  for (struct dirent *e; (e = readdir(all));) {
    char path[64];
    struct text t = {path, sizeof path, 0};
    uint64_t pid;
    if (!parse_unsigned(e->d_name, 10, &pid)) continue;
    text_add(&t, e->d_name);
    text_add(&t, "/ns/net");
    uint64_t inode = inode_of(proc, path);
    if (!inode || !meet_inode(inode)) continue;
    int32_t nsid = id_of(fd, (uint32_t)pid);
    if (nsid < 0 || !is_wanted(nsid)) continue;
    begin("namespace");
    signed_field(nsid);
    field(inode);
    field(pid);
    text_of(proc, e->d_name, "/comm");
    text_of(proc, e->d_name, "/cgroup");
    text_of(proc, e->d_name, "/stat");
    text_add(&out, "\n");
  }
  closedir(all);
}

static int open_socket(void) {
  int on = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) ns_fail("socket", "netlink");
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  return fd;
}

// Walks /proc beside the questions about peers, in a process of its own. Its lines come out of the descriptor that is returned.
static int start_walk(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) ns_fail("pipe2", "namespaces");
  flush_lines();
  pid_t child = fork();
  if (child < 0) ns_fail("fork", "namespaces");
  if (child) {
    close(ends[1]);
    return ends[0];
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dup2(ends[1], 1) < 0) ns_fail("dup2", "namespaces");
  say_namespaces(open_socket());
  flush_lines();
  _exit(0);
}

static void finish_walk(int walk) {
  for (;;) {
    ssize_t n = read(walk, out.at, out.size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("read", "namespaces");
    if (n == 0) break;
    out.used = (size_t)n;
    flush_lines();
  }
  int status = 0;
  if (wait(&status) < 0 || status) _exit(125);  // the child has said why
}

int ns_ports(int argc, char **argv) {
  struct question q;
  int fd = open_socket();
  if (argc < 2 || !parse_unsigned(argv[1], 10, &narrow)) {
    errno = EINVAL;
    ns_fail("parse", "scope");
  }
  ask_for(&q, RTM_GETLINK, NLM_F_DUMP, sizeof q.body.link);
  if ((errno = ask(fd, &q, say_link, 0))) ns_fail("list", "links");
  ask_for(&q, RTM_GETADDR, NLM_F_DUMP, sizeof q.body.address);
  if ((errno = ask(fd, &q, say_address, -1))) ns_fail("list", "addresses");
  int walk = peer_count ? start_walk() : -1;
  for (size_t i = 0; i < peer_count; i++) ask_peer(fd, &peers[i]);
  flush_lines();
  if (walk >= 0) finish_walk(walk);
  return 0;
}
