// The relay's sockets in the container's network namespace, and the rules by which port 53 leads to them. Bound to the loopback link, so
// that nobody outside asks; on a port of their own, so that a name server in the container has 53 for itself. The rules belong to the socket
// that made them, so that a container that empties its rule set keeps its names.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "name-relay.h"
#include "netlink.h"
#include "text.h"

#define DNS_PORT 53
#define BACKLOG 64

static int open_namespace(struct context *c, pid_t pid) {
  char path[32];
  struct text t = {path, sizeof path, 0};
  if (pid) text_number(&t, (uint64_t)pid);
  else text_add(&t, "self");
  text_add(&t, "/ns/net");
  int fd = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(c, "open", "ns/net");
  return fd;
}

// The address is there as soon as the loopback link is up, which may be later: IP_FREEBIND.
static int open_socket(struct context *c, int type, uint16_t port) {
  static const char link[] = "lo";
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(NAME_ADDRESS)};
  int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0) return fail(c, "socket", "127.0.0.11");
  setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  if (!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link, sizeof link) && !bind(fd, (struct sockaddr *)&address, sizeof address) &&
      (type == SOCK_DGRAM || !listen(fd, BACKLOG)))
    return fd;
  fail(c, "bind", type == SOCK_DGRAM ? "127.0.0.11 udp" : "127.0.0.11 tcp");
  close(fd);
  return -1;
}

// A socket that owns the rules of `hex`, or -1.
static int add_rules(struct context *c, const char *hex) {
  const struct timeval patience = {.tv_sec = 5};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (!netlink_perform(c, fd, hex)) return fd;
  close(fd);
  return -1;
}

// `arg`: port, rules, the same for kernels before 5.12, where rules have no owner. Without nf_tables there is 53 itself.
static int open_inside(struct context *c, struct names *s, char **arg) {
  uint16_t port = (uint16_t)number(arg[0]);
  s->rules = add_rules(c, arg[1]);
  if (s->rules < 0) s->rules = add_rules(c, arg[2]);
  if (s->rules < 0) port = DNS_PORT;
  s->datagram = open_socket(c, SOCK_DGRAM, port);
  s->listener = s->datagram < 0 ? -1 : open_socket(c, SOCK_STREAM, port);
  return s->listener < 0 ? -1 : 0;
}

int name_open(struct context *c, struct names *s, char **arg) {
  int home = open_namespace(c, 0), inside = home < 0 ? -1 : open_namespace(c, c->init_pid), result = -1;
  if (inside >= 0 && setns(inside, CLONE_NEWNET)) fail(c, "setns", "ns/net");
  else if (inside >= 0) {
    result = open_inside(c, s, arg);
    // Elsewhere it would be of no use to anybody.
    if (setns(home, CLONE_NEWNET)) _exit(1);
  }
  if (inside >= 0) close(inside);
  if (home >= 0) close(home);
  return result;
}
