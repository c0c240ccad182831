// `netlink FAMILY [NAMESPACE]`: sends the netlink messages of standard input one by one over one socket of that family
// (linux/netlink.h: 0 route, 12 netfilter), opened in a network namespace, and writes every message of each answer to
// standard output, up to and including its acknowledgement, error or end of a dump. Understands headers only.
#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

static void write_all(const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(1, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("write", "standard output");
    bytes += n;
    size -= (size_t)n;
  }
}

static uint8_t *read_all(size_t *size) {
  size_t room = 65536, used = 0;
  uint8_t *bytes = malloc(room);
  for (;;) {
    if (!bytes) ns_fail("malloc", "messages");
    ssize_t n = read(0, bytes + used, room - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("read", "standard input");
    if (n == 0) break;
    used += (size_t)n;
    if (used == room) bytes = realloc(bytes, room *= 2);
  }
  *size = used;
  return bytes;
}

// True when the answer to `sequence` is complete with what is in the buffer.
static int relay(uint8_t *buffer, size_t size, uint32_t sequence) {
  int done = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= size;) {
    struct nlmsghdr header;
    memcpy(&header, buffer + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - at) break;
    size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step > size - at) step = size - at;
    if (header.nlmsg_seq == sequence) {
      write_all(buffer + at, step);
      if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) done = 1;
    }
    at += step;
  }
  return done;
}

int ns_netlink(int argc, char **argv) {
  uint64_t family;
  if (!parse_unsigned(argv[1], 10, &family) || family > 31) {
    errno = EINVAL;
    ns_fail("socket", argv[1]);
  }
  if (argc > 2) ns_enter(argv[2], CLONE_NEWNET);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, (int)family);
  if (fd < 0) ns_fail("socket", "netlink");
  int room = 1 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  size_t size;
  uint8_t *messages = read_all(&size);
  static uint8_t buffer[1 << 18] __attribute__((aligned(8)));
  for (size_t at = 0; at < size;) {
    struct nlmsghdr header;
    if (size - at < sizeof header) break;
    memcpy(&header, messages + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - at) {
      errno = EINVAL;
      ns_fail("send", "a message of a wrong length");
    }
    if (send(fd, messages + at, header.nlmsg_len, 0) < 0) ns_fail("send", "netlink");
    for (int done = 0; !done;) {
      ssize_t n = recv(fd, buffer, sizeof buffer, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) ns_fail("recv", "netlink");
      done = relay(buffer, (size_t)n, header.nlmsg_seq);
    }
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return 0;
}
