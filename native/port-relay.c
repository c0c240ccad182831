// The relay of published ports to a container without IPv6: the host's rules lead what is asked by IPv6 to one address and port of the
// monitor's, which asks the container by IPv4 and passes bytes on. Nothing is mapped before the first connection, all is bounded, nothing blocks.
#include "port-relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "limit.h"
#include "netlink.h"
#include "operation.h"
#include "plan-file.h"
#include "text.h"

#define BACKLOG 4096
#define EVENTS 32
#define SPARE_FILES 96  // descriptors that the monitor needs for the rest of its work

int op_port_relay(struct context *c, char **arg, size_t count) {
  c->settings.port_relay = arg;
  c->settings.port_relay_count = count;
  c->settings.port_relay_index = c->index;
  return 0;
}

void port_watch(struct ports *p, int fd, unsigned number, unsigned events, int operation) {
  struct epoll_event event = {.events = events, .data.u32 = number};
  epoll_ctl(p->epoll, operation, fd, &event);
}

uint8_t *port_scratch(struct ports *p) {
  if (!p->scratch) p->scratch = map_memory(PORT_SCRATCH);
  return p->scratch;
}

uint16_t port_target(const struct ports *p, uint8_t protocol, const struct sockaddr_in6 *asked) {
  if (!memcmp(&asked->sin6_addr, &p->own.sin6_addr, sizeof asked->sin6_addr)) return 0;
  return port_find(p->run, p->run_count, protocol, asked);
}

static void perform(struct context *c, const char *hex) {
  const struct timeval patience = {.tv_sec = 5};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  netlink_perform(c, fd, hex);
  close(fd);
}

static void close_sockets(struct ports *p) {
  int *fd[] = {&p->listener, &p->datagram, &p->tracking, &p->epoll};
  port_drop_all(p);
  port_forget_all(p);
  for (unsigned i = 0; i < sizeof fd / sizeof *fd; i++) {
    if (*fd[i] >= 0) close(*fd[i]);
    *fd[i] = -1;
  }
  if (p->scratch) unmap_memory(p->scratch, PORT_SCRATCH);
  p->scratch = NULL;
  p->again_ms = 0;
}

static void close_all(struct context *c, struct ports *p) {
  close_sockets(p);
  struct failure kept = c->failure;
  perform(c, p->remove);
  c->failure = kept;
  unmap_memory(p, p->size);
}

// The address may come later than the socket: IPV6_FREEBIND.
static int open_socket(struct context *c, const struct ports *p, int type) {
  int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0) return fail(c, "socket", "port-relay");
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  // Connections of the relay before this one may be in their last minute.
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!bind(fd, (const struct sockaddr *)&p->own, sizeof p->own) && (type == SOCK_DGRAM || !listen(fd, BACKLOG))) return fd;
  fail(c, "bind", type == SOCK_DGRAM ? "port-relay udp" : "port-relay tcp");
  close(fd);
  return -1;
}

static int wrong(struct context *c, const char *detail) {
  errno = EINVAL;
  return fail(c, "parse", detail);
}

// Arguments: address, port, the container's address, messages that add and remove the address, runs.
static struct ports *read_table(struct context *c, char **arg, size_t count) {
  size_t runs = count - 5, text = strlen(arg[4]) + 1, used, size = sizeof(struct ports) + runs * sizeof(struct port_run) + text;
  struct ports *p = map_memory(size);
  if (!p) return fail(c, "mmap", "port-relay"), NULL;
  *p = (struct ports){.size = size, .epoll = -1, .listener = -1, .datagram = -1, .tracking = -1, .run_count = runs};
  p->own = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)number(arg[1]))};
  p->target = (struct sockaddr_in){.sin_family = AF_INET};
  p->remove = (char *)(p->run + runs);
  memcpy(p->remove, arg[4], text);
  bool good = parse_bytes(arg[0], (uint8_t *)&p->own.sin6_addr, sizeof p->own.sin6_addr, &used) && used == sizeof p->own.sin6_addr &&
              parse_bytes(arg[2], (uint8_t *)&p->target.sin_addr, sizeof p->target.sin_addr, &used) && used == sizeof p->target.sin_addr;
  size_t at = 0;
  while (good && at < runs && port_run_parse(arg[5 + at], &p->run[at])) at++;
  if (good && at == runs) return p;
  wrong(c, good ? arg[5 + at] : arg[0]);
  unmap_memory(p, size);
  return NULL;
}

// Whether it is for the container that is served already.
static bool is_same(const struct ports *p, char **arg) {
  struct in6_addr own;
  struct in_addr target;
  size_t used;
  return parse_bytes(arg[0], (uint8_t *)&own, sizeof own, &used) && parse_bytes(arg[2], (uint8_t *)&target, sizeof target, &used) &&
         !memcmp(&own, &p->own.sin6_addr, sizeof own) && target.s_addr == p->target.sin_addr.s_addr &&
         p->own.sin6_port == htons((uint16_t)number(arg[1]));
}

static int make(struct context *c, char **arg, size_t count) {
  struct ports *p = read_table(c, arg, count);
  if (!p) return -1;
  if ((p->listener = open_socket(c, p, SOCK_STREAM)) < 0 || (p->datagram = open_socket(c, p, SOCK_DGRAM)) < 0) return close_all(c, p), -1;
  p->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (p->epoll < 0) return fail(c, "epoll_create", "port-relay"), close_all(c, p), -1;
  port_watch(p, p->listener, PORT_LISTENER, EPOLLIN, EPOLL_CTL_ADD);
  port_watch(p, p->datagram, PORT_DATAGRAM, EPOLLIN, EPOLL_CTL_ADD);
  unsigned long files = limit_files(2 * PORT_CONNECTIONS + PORT_FLOWS + SPARE_FILES);
  p->most = files > 2 * PORT_CONNECTIONS + SPARE_FILES ? PORT_CONNECTIONS : files > SPARE_FILES + 16 ? (unsigned)(files - SPARE_FILES) / 2 : 8;
  c->failure.error = 0;
  perform(c, arg[3]);
  if (c->failure.error && c->failure.error != EEXIST) return close_all(c, p), -1;
  c->settings.ports = p;
  return 0;
}

int ports_settle(struct context *c) {
  struct settings *settings = &c->settings;
  if (!settings->port_relay) return 0;
  c->index = settings->port_relay_index;
  int result = make(c, settings->port_relay, settings->port_relay_count);
  settings->port_relay = NULL;
  return result;
}

// Another table for the same container: connections stay, clients by UDP are asked for anew.
static int adopt(struct context *c, struct ports *old, char **arg, size_t count) {
  struct ports *p = read_table(c, arg, count);
  if (!p) return -1;
  port_forget_all(old);
  struct ports kept = *p;
  *p = *old;
  p->size = kept.size;
  p->remove = kept.remove;
  p->run_count = kept.run_count;
  c->settings.ports = p;
  unmap_memory(old, old->size);
  return 0;
}

// Without runs nothing is relayed any more.
static int replace(struct context *c, char **arg, size_t count) {
  struct ports *old = c->settings.ports;
  if (old && count > 5 && is_same(old, arg)) return adopt(c, old, arg, count);
  ports_release(c);
  return count > 5 ? make(c, arg, count) : 0;
}

int ports_replace(struct context *c) {
  return plan_perform_file(c, "ports", "port-relay", replace);
}

void ports_end(struct context *c) {
  if (!c->settings.ports) return;
  port_last(c->settings.ports);
  close_sockets(c->settings.ports);
}

void ports_release(struct context *c) {
  if (c->settings.ports) close_all(c, c->settings.ports);
  c->settings.ports = NULL;
}

int ports_poll_fd(const struct context *c) {
  return c->settings.ports ? c->settings.ports->epoll : -1;
}

// New ones come last: nobody is given the number of one that ended in this round.
void ports_ready(struct context *c) {
  struct ports *p = c->settings.ports;
  struct epoll_event event[EVENTS];
  int count = epoll_wait(p->epoll, event, EVENTS, 0);
  bool callers = false, datagrams = false;
  for (int i = 0; i < count; i++) {
    unsigned number = event[i].data.u32;
    if (number == PORT_LISTENER) callers = true;
    else if (number == PORT_DATAGRAM) datagrams = true;
    else if (number < PORT_FIRST_FLOW) port_serve(p, number - PORT_FIRST, event[i].events);
    else port_return(p, number - PORT_FIRST_FLOW);
  }
  if (datagrams) port_hear(p);
  if (callers) port_accept(p);
}

int ports_patience(const struct context *c) {
  const struct ports *p = c->settings.ports;
  if (!p) return -1;
  return sooner(p->flow_count ? steady_left(p->sweep_ms) : -1, p->again_ms ? steady_left(p->again_ms) : -1);
}

void ports_tick(struct context *c) {
  struct ports *p = c->settings.ports;
  if (p->flow_count && !steady_left(p->sweep_ms)) port_sweep(p);
  if (p->again_ms && !steady_left(p->again_ms)) port_accept(p);
}

void ports_idle(struct context *c) {
  struct ports *p = c->settings.ports;
  if (!p) return;
  if (p->scratch) unmap_memory(p->scratch, PORT_SCRATCH);
  p->scratch = NULL;
  if (!p->connections) port_drop_all(p);
  if (!p->flow_count) port_forget_all(p);
}
