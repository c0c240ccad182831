// Published ports by TCP: each connection has one of its own to the container. Nothing is kept here: bytes are looked at in the socket they
// came to and taken from it as far as the other one takes them.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "port-relay.h"

#define ORIGINAL_DESTINATION 80  // IP6T_SO_ORIGINAL_DST, linux/netfilter_ipv6/ip6_tables.h
#define AT_ONCE 16               // connections accepted in a round
#define PIECES 4                 // of a connection in a round
#define LAST_PIECES 32           // rounds of them after the container's end
#define AGAIN_MS 100             // after there were no descriptors

static unsigned number_of(const struct ports *p, const struct port_connection *one) {
  return (unsigned)(one - p->connection);
}

// The listener is left alone while there is no room.
static void hold(struct ports *p, bool held) {
  if (p->held == held) return;
  p->held = held;
  port_watch(p, p->listener, PORT_LISTENER, held ? 0 : EPOLLIN, EPOLL_CTL_MOD);
}

static void end(int fd, bool reset) {
  const struct linger now = {.l_onoff = 1};
  if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

// `reset`: both sides hear that it broke.
static void drop(struct ports *p, struct port_connection *one, bool reset) {
  for (int side = 0; side < 2; side++) {
    end(one->fd[side], reset);
    one->fd[side] = -1;
  }
  one->next_free = (uint16_t)p->first_free;
  p->first_free = number_of(p, one) + 1;
  p->connections--;
  hold(p, false);
}

void port_drop_all(struct ports *p) {
  if (!p->connection) return;
  for (unsigned i = 0; i < p->unused; i++)
    if (p->connection[i].fd[0] >= 0) drop(p, &p->connection[i], true);
  unmap_memory(p->connection, PORT_CONNECTIONS * sizeof *p->connection);
  p->connection = NULL;
  p->first_free = p->unused = 0;
}

// What it waits for on a side. One that is closed in both directions would always be ready: it is watched only as long as it brings something.
static void watch(struct ports *p, struct port_connection *one, int side) {
  unsigned wanted = 0;
  if (one->connecting) wanted = side ? EPOLLOUT : 0;
  else wanted = (one->ended[side] || one->stuck[side] ? 0 : EPOLLIN) | (one->stuck[!side] ? EPOLLOUT : 0);
  if (!wanted && one->hung[side]) wanted = PORT_UNWATCHED;
  if (one->events[side] == wanted) return;
  int operation = wanted == PORT_UNWATCHED ? EPOLL_CTL_DEL : one->events[side] == PORT_UNWATCHED ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  one->events[side] = (uint16_t)wanted;
  port_watch(p, one->fd[side], PORT_FIRST + 2 * number_of(p, one) + (unsigned)side, wanted, operation);
}

// One piece from a side to the other. False: there is none now.
static bool pass(struct port_connection *one, int side, uint8_t *scratch, bool *broken) {
  int from = one->fd[side], to = one->fd[!side];
  ssize_t n = recv(from, scratch, PORT_SCRATCH, MSG_PEEK | MSG_DONTWAIT);
  if (n < 0 && errno == EINTR) return true;
  if (n < 0) return *broken |= errno != EAGAIN, false;
  if (!n) return one->ended[side] = true, shutdown(to, SHUT_WR), false;
  ssize_t taken = send(to, scratch, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken < 0 && errno == EINTR) return true;
  if (taken < 0 && errno != EAGAIN) return *broken = true, false;
  one->stuck[side] = taken < n;
  // tcp(7): with MSG_TRUNC the bytes are dropped.
  if (taken > 0 && recv(from, NULL, (size_t)taken, MSG_TRUNC | MSG_DONTWAIT) != taken) *broken = true;
  return !one->stuck[side] && !*broken;
}

// False: it broke.
static bool pump(struct ports *p, struct port_connection *one, int side) {
  bool broken = false;
  one->stuck[side] = false;
  for (int i = 0; i < PIECES && !one->ended[side] && pass(one, side, p->scratch, &broken); i++) continue;
  return !broken;
}

static bool has_connected(struct port_connection *one) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(one->fd[1], SOL_SOCKET, SO_ERROR, &error, &size) || error) return false;
  one->connecting = false;
  return true;
}

void port_serve(struct ports *p, unsigned number, unsigned events) {
  struct port_connection *one = &p->connection[number / 2];
  int side = (int)(number % 2);
  if (!p->connection || one->fd[0] < 0) return;
  bool broken = events & EPOLLERR || !port_scratch(p);
  if (events & EPOLLHUP) one->hung[side] = true;
  if (!broken && one->connecting) {
    if (side && events & EPOLLOUT) broken = !has_connected(one);
    else broken = events & EPOLLHUP;
  } else if (!broken) {
    if (events & (EPOLLIN | EPOLLHUP) && !one->stuck[side]) broken = !pump(p, one, side);
    if (!broken && events & EPOLLOUT) broken = !pump(p, one, !side);
  }
  if (broken) return drop(p, one, true);
  if (one->ended[0] && one->ended[1]) return drop(p, one, false);
  watch(p, one, 0);
  watch(p, one, 1);
}

void port_last(struct ports *p) {
  for (unsigned i = 0; p->connection && i < p->unused; i++) {
    struct port_connection *one = &p->connection[i];
    if (one->fd[0] < 0 || one->connecting || !port_scratch(p)) continue;
    bool broken = false;
    for (int piece = 0; piece < LAST_PIECES && !one->ended[1] && !broken && !one->stuck[1]; piece++) broken = !pump(p, one, 1);
    if (one->ended[1]) drop(p, one, false);
  }
}

// Who asks the relay's own address has asked for nothing that is published.
static uint16_t asked_port(struct ports *p, int fd) {
  struct sockaddr_in6 asked;
  socklen_t size = sizeof asked;
  if (getsockopt(fd, IPPROTO_IPV6, ORIGINAL_DESTINATION, &asked, &size) || size < sizeof asked) return 0;
  return port_target(p, IPPROTO_TCP, &asked);
}

static void set_up(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Who is gone for good, though the other side does not notice, is not kept for hours.
  const int idle_s = 60, interval_s = 15, count = 4;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

// A connection to the container on its way; -1: it cannot be.
static int call(struct ports *p, uint16_t port) {
  struct sockaddr_in to = p->target;
  to.sin_port = htons(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  set_up(fd);
  if (!connect(fd, (struct sockaddr *)&to, sizeof to) || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

static struct port_connection *place(struct ports *p) {
  if (!p->connection && !(p->connection = map_memory(PORT_CONNECTIONS * sizeof *p->connection))) return NULL;
  p->connections++;
  if (!p->first_free) return &p->connection[p->unused++];
  struct port_connection *one = &p->connection[p->first_free - 1];
  p->first_free = one->next_free;
  return one;
}

static void join(struct ports *p, int client) {
  uint16_t port = asked_port(p, client);
  int server = port ? call(p, port) : -1;
  struct port_connection *one = server < 0 ? NULL : place(p);
  if (!one) {
    if (server >= 0) close(server);
    return end(client, true);
  }
  set_up(client);
  *one = (struct port_connection){.fd = {client, server}, .events = {PORT_UNWATCHED, PORT_UNWATCHED}, .connecting = true};
  watch(p, one, 0);
  watch(p, one, 1);
}

void port_accept(struct ports *p) {
  p->again_ms = 0;
  for (int i = 0; i < AT_ONCE; i++) {
    if (p->connections >= p->most) return hold(p, true);
    int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) join(p, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      p->again_ms = steady_ms() + AGAIN_MS;
      return hold(p, true);
    } else if (errno == EAGAIN) return hold(p, false);
  }
  hold(p, false);
}
