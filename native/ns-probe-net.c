// Probes of the network, each in an empty network namespace: kinds of links, netfilter over netlink, tun, sysctls.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns-probe.h"

struct message {
  struct nlmsghdr header;
  uint8_t room[512];
};

static void fresh(void) {
  if (unshare(CLONE_NEWNET)) probe_fail("unshare(CLONE_NEWNET)");
}

static struct rtattr *put(struct message *m, unsigned short type, const void *data, size_t size) {
  struct rtattr *at = (struct rtattr *)((uint8_t *)m + NLMSG_ALIGN(m->header.nlmsg_len));
  at->rta_type = type;
  at->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size) memcpy(RTA_DATA(at), data, size);
  m->header.nlmsg_len = NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(at->rta_len);
  return at;
}

static void close_nest(struct message *m, struct rtattr *nest) {
  nest->rta_len = (unsigned short)((uint8_t *)m + m->header.nlmsg_len - (uint8_t *)nest);
}

// Sends one message; 0, or -1 with errno from the kernel's answer. A first message of a dump is an answer as well.
static int exchange(int family, struct message *m) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
  if (fd < 0) probe_fail("socket(AF_NETLINK)");
  m->header.nlmsg_seq = 1;
  if (send(fd, m, m->header.nlmsg_len, 0) < 0) probe_fail("send(netlink)");
  static uint8_t buffer[65536] __attribute__((aligned(8)));
  ssize_t size = recv(fd, buffer, sizeof buffer, 0);
  close(fd);
  if (size < (ssize_t)sizeof(struct nlmsghdr)) probe_fail("recv(netlink)");
  struct nlmsghdr header;
  memcpy(&header, buffer, sizeof header);
  if (header.nlmsg_type != NLMSG_ERROR) return 0;
  struct nlmsgerr error;
  memcpy(&error, buffer + NLMSG_HDRLEN, sizeof error);
  errno = -error.error;
  return error.error ? -1 : 0;
}

// A message about the traffic of the loopback link; parent and handle as in linux/pkt_sched.h.
static struct message traffic(uint16_t type, uint32_t parent, uint32_t handle, const char *kind) {
  struct message m = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)), .nlmsg_type = type}};
  m.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  struct tcmsg body = {.tcm_ifindex = 1, .tcm_parent = parent, .tcm_handle = handle};
  if (type == RTM_NEWTFILTER) body.tcm_info = 1 << 16 | htons(ETH_P_ALL);
  memcpy(NLMSG_DATA(&m.header), &body, sizeof body);
  put(&m, TCA_KIND, kind, strlen(kind) + 1);
  return m;
}

static void add_filter(int redirected) {
  struct message place = traffic(RTM_NEWQDISC, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), "clsact");
  if (exchange(NETLINK_ROUTE, &place)) probe_fail("RTM_NEWQDISC clsact");
  struct message m = traffic(RTM_NEWTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), 0, "bpf");
  struct sock_filter program = {.code = BPF_RET | BPF_K, .k = 0xffffffff};
  uint16_t length = 1;
  struct rtattr *options = put(&m, TCA_OPTIONS, NULL, 0);
  put(&m, TCA_BPF_OPS_LEN, &length, sizeof length);
  put(&m, TCA_BPF_OPS, &program, sizeof program);
  if (redirected) {
    struct tc_mirred target = {.action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR, .ifindex = 1};
    struct rtattr *actions = put(&m, TCA_BPF_ACT, NULL, 0), *first = put(&m, 1, NULL, 0);
    put(&m, TCA_ACT_KIND, "mirred", sizeof "mirred");
    struct rtattr *inner = put(&m, TCA_ACT_OPTIONS, NULL, 0);
    put(&m, TCA_MIRRED_PARMS, &target, sizeof target);
    close_nest(&m, inner);
    close_nest(&m, first);
    close_nest(&m, actions);
  }
  close_nest(&m, options);
  if (exchange(NETLINK_ROUTE, &m)) probe_fail(redirected ? "RTM_NEWTFILTER bpf, mirred" : "RTM_NEWTFILTER bpf");
}

static void add_bucket(void) {
  struct message m = traffic(RTM_NEWQDISC, TC_H_ROOT, 0, "tbf");
  struct tc_tbf_qopt bucket = {.rate = {.rate = 1 << 20, .linklayer = TC_LINKLAYER_ETHERNET}, .limit = 1 << 20};
  uint32_t burst = 1 << 16;
  struct rtattr *options = put(&m, TCA_OPTIONS, NULL, 0);
  put(&m, TCA_TBF_PARMS, &bucket, sizeof bucket);
  put(&m, TCA_TBF_BURST, &burst, sizeof burst);
  close_nest(&m, options);
  if (exchange(NETLINK_ROUTE, &m)) probe_fail("RTM_NEWQDISC tbf");
}

static int add_link(const char *kind, const char *name, uint32_t parent) {
  struct message m = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = RTM_NEWLINK}};
  m.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  put(&m, IFLA_IFNAME, name, strlen(name) + 1);
  if (parent) put(&m, IFLA_LINK, &parent, sizeof parent);
  struct rtattr *info = put(&m, IFLA_LINKINFO, NULL, 0);
  put(&m, IFLA_INFO_KIND, kind, strlen(kind) + 1);
  if (!strcmp(kind, "vlan") || !strcmp(kind, "vxlan")) {
    uint16_t tag = 10;
    uint32_t vni = 10;
    struct rtattr *data = put(&m, IFLA_INFO_DATA, NULL, 0);
    if (!strcmp(kind, "vlan")) put(&m, IFLA_VLAN_ID, &tag, sizeof tag);
    else put(&m, IFLA_VXLAN_ID, &vni, sizeof vni);
    close_nest(&m, data);
  }
  close_nest(&m, info);
  return exchange(NETLINK_ROUTE, &m);
}

// ARG is the kind. Those that need a link below them get a dummy, or one end of a veth pair.
static void probe_link(const char *kind) {
  fresh();
  uint32_t parent = 0;
  if (!strcmp(kind, "vlan") || !strcmp(kind, "macvlan") || !strcmp(kind, "ipvlan")) {
    if (add_link("dummy", "below", 0) && add_link("veth", "below", 0)) probe_fail("RTM_NEWLINK of a link below it");
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(request.ifr_name, "below", 6);
    if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &request)) probe_fail("ioctl(SIOCGIFINDEX)");
    parent = (uint32_t)request.ifr_ifindex;
  }
  char detail[64];
  snprintf(detail, sizeof detail, "RTM_NEWLINK %s", kind);
  if (add_link(kind, "probe", parent)) probe_fail(detail);
  probe_good(detail);
}

// ARG: filter (what comes in meets a program) or rate (it waits before a bucket of another link).
static void probe_traffic(const char *what) {
  fresh();
  int rate = !strcmp(what, "rate");
  if (rate && add_link("ifb", "probe", 0)) probe_fail("RTM_NEWLINK ifb");
  if (rate) add_bucket();
  add_filter(rate);
  probe_good(rate ? "RTM_NEWLINK ifb, RTM_NEWQDISC tbf, RTM_NEWTFILTER bpf, mirred" : "RTM_NEWQDISC clsact, RTM_NEWTFILTER bpf");
}

// ARG: conntrack (IPCTNL_MSG_CT_GET) or nftables (NFT_MSG_GETGEN).
static void probe_netfilter(const char *what) {
  fresh();
  int conntrack = !strcmp(what, "conntrack");
  uint16_t type = conntrack ? (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | 1) : (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | 16);
  struct message m = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg)), .nlmsg_type = type}};
  m.header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | (conntrack ? NLM_F_DUMP : 0));
  if (exchange(NETLINK_NETFILTER, &m)) probe_fail(conntrack ? "IPCTNL_MSG_CT_GET" : "NFT_MSG_GETGEN");
  probe_good(conntrack ? "IPCTNL_MSG_CT_GET" : "NFT_MSG_GETGEN");
}

static void probe_tun(const char *arg) {
  (void)arg;
  fresh();
  struct ifreq request = {0};
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd < 0) probe_fail("open(/dev/net/tun)");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  memcpy(request.ifr_name, "probe", 6);
  if (ioctl(fd, TUNSETIFF, &request)) probe_fail("ioctl(TUNSETIFF)");
  probe_good("ioctl(TUNSETIFF)");
}

// ARG is the file; written in an empty network namespace, whose values are its own.
static void probe_sysctl(const char *path) {
  fresh();
  probe_write(path, "1");
  probe_good(path);
}

const struct probe probe_nets[] = {
    {"link", probe_link},
    {"traffic", probe_traffic},
    {"netfilter", probe_netfilter},
    {"tun", probe_tun},
    {"sysctl", probe_sysctl},
    {0},
};
