// `netlink-watch FAMILY GROUP...`: joins the multicast groups (their numbers, linux/rtnetlink.h: RTNLGRP_*) of a netlink family and
// writes every message to standard output, those of all network namespaces that have an id here included (NETLINK_LISTEN_ALL_NSID,
// where that is allowed). Before the first it writes an empty message (NLMSG_NOOP): from then on nothing is missed. When the kernel had
// to drop some it writes NLMSG_OVERRUN. Ends with its parent, or when nobody reads. Understands nothing of what it passes on.
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

static void pass_on(const void *message, size_t size) {
  const uint8_t *bytes = message;
  while (size > 0) {
    ssize_t n = write(1, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) _exit(0);  // the reader has gone
    bytes += n;
    size -= (size_t)n;
  }
}

static void say_type(uint16_t type) {
  struct nlmsghdr header = {.nlmsg_len = sizeof header, .nlmsg_type = type};
  pass_on(&header, sizeof header);
}

int ns_watch(int argc, char **argv) {
  uint64_t number;
  int on = 1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!parse_unsigned(argv[1], 10, &number) || number > 31) {
    errno = EINVAL;
    ns_fail("socket", argv[1]);
  }
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)number);
  if (fd < 0) ns_fail("socket", "netlink");
  setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof on);
  // An unbound socket has port 0, as the kernel's own messages have: none of them would be delivered to it (af_netlink.c, do_one_broadcast).
  struct sockaddr_nl own = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0) ns_fail("bind", "netlink");
  for (int i = 2; i < argc; i++) {
    if (!parse_unsigned(argv[i], 10, &number) || number > 1024) {
      errno = EINVAL;
      ns_fail("setsockopt", argv[i]);
    }
    int group = (int)number;
    if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) ns_fail("setsockopt", argv[i]);
  }
  say_type(NLMSG_NOOP);
  static uint8_t buffer[1 << 17] __attribute__((aligned(8)));
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == ENOBUFS) {
      say_type(NLMSG_OVERRUN);
      continue;
    }
    if (n < 0) ns_fail("recv", "netlink");
    pass_on(buffer, (size_t)n);
  }
}
