// The relay between the processes of a container, which ask 127.0.0.11, and the name server of the data root. It reads no names: a query
// becomes a frame, an answer goes back to whoever asked. Nothing is mapped before the first query, all is bounded, nothing blocks.
#include "name-relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "operation.h"
#include "plan-file.h"

#define DATAGRAM_MAX 4096  // bytes of a query by UDP
#define BATCH 256          // queries before answers are looked for
#define EVENTS 8
#define QUIET_MS 20000     // after so long without a word nobody waits any more

int op_name_relay(struct context *c, char **arg, size_t count) {
  c->settings.name_relay = arg;
  c->settings.name_relay_count = count;
  c->settings.name_relay_index = c->index;
  return 0;
}

void name_watch(struct names *s, int fd, unsigned number, unsigned events, bool known) {
  struct epoll_event event = {.events = events, .data.u32 = number};
  epoll_ctl(s->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

// Arguments: id, path of the server's socket, port, rules, rules without an owner, program of the server. The strings live in the mapping.
static struct names *allocate(char **arg, size_t count) {
  size_t programs = count - 5, size = sizeof(struct names) + (programs + 1) * sizeof(char *);
  for (size_t i = 0; i < count; i++) size += strlen(arg[i]) + 1;
  struct names *s = map_memory(size);
  if (!s) return NULL;
  *s = (struct names){.size = size, .epoll = -1, .datagram = -1, .listener = -1, .server = -1, .rules = -1};
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++) s->connection[i].fd = -1;
  s->program = (char **)(s + 1);
  char *at = (char *)(s->program + programs + 1);
  s->id = at;
  at = stpcpy(at, arg[0]) + 1;
  s->socket = at;
  at = stpcpy(at, arg[1]) + 1;
  for (size_t i = 0; i < programs; i++) {
    s->program[i] = at;
    at = stpcpy(at, arg[5 + i]) + 1;
  }
  return s;
}

static void close_all(struct names *s) {
  int *fd[] = {&s->epoll, &s->datagram, &s->listener, &s->server, &s->rules};
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++) name_drop(s, &s->connection[i]);
  for (unsigned i = 0; i < sizeof fd / sizeof *fd; i++)
    if (*fd[i] >= 0) close(*fd[i]);
  name_queue_clear(&s->queue);
  if (s->in) unmap_memory(s->in, NAME_SERVER_BYTES);
  unmap_memory(s, s->size);
}

static int make(struct context *c, char **arg, size_t count) {
  struct names *s = allocate(arg, count);
  if (!s) return fail(c, "mmap", "names");
  if (name_open(c, s, arg + 2)) return close_all(s), -1;
  s->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (s->epoll < 0) return fail(c, "epoll_create", "names"), close_all(s), -1;
  name_watch(s, s->datagram, WATCH_DATAGRAM, EPOLLIN, false);
  name_watch(s, s->listener, WATCH_LISTENER, EPOLLIN, false);
  c->settings.names = s;
  return 0;
}

int names_settle(struct context *c) {
  struct settings *settings = &c->settings;
  if (!settings->name_relay) return 0;
  c->index = settings->name_relay_index;
  int result = make(c, settings->name_relay, settings->name_relay_count);
  settings->name_relay = NULL;
  return result;
}

int names_enable(struct context *c) {
  if (c->settings.names) return unlinkat(c->settings.state_fd, "names", 0), 0;
  return plan_perform_file(c, "names", "name-relay", make);
}

void names_end(struct context *c) {
  if (c->settings.names) close_all(c->settings.names);
  c->settings.names = NULL;
}

int names_poll_fd(const struct context *c) {
  return c->settings.names ? c->settings.names->epoll : -1;
}

// A socket that was bound before the first link was up does not send from the address it was bound to: that is said with each datagram.
static void send_datagram(int fd, const struct asker *asker, const uint8_t *message, size_t size) {
  union {
    struct cmsghdr head;
    uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
  } control = {.bytes = {0}};
  const struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(NAME_ADDRESS)};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = asker->port, .sin_addr.s_addr = asker->address};
  struct iovec data = {(void *)(uintptr_t)message, size};
  struct msghdr whole = {&to, sizeof to, &data, 1, control.bytes, sizeof control.bytes, 0};
  control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof from), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
  memcpy(CMSG_DATA(&control.head), &from, sizeof from);
  // An answer that cannot be taken is lost, as datagrams are.
  sendmsg(fd, &whole, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void name_deliver(struct names *s, const struct asker *asker, const uint8_t *message, size_t size) {
  if (asker->connection) name_answer(s, asker, message, size);
  else send_datagram(s->datagram, asker, message, size);
}

// Whoever is forgotten for it and waits at a connection is told by its end.
void name_add(struct names *s, size_t size, struct asker asker) {
  struct asker forgotten = name_queue_add(&s->queue, size, asker);
  if (!forgotten.connection) return;
  struct name_connection *one = &s->connection[forgotten.connection - 1];
  if (one->serial == forgotten.serial) name_drop(s, one);
}

void name_hold(struct names *s, bool full) {
  if (s->full == full) return;
  s->full = full;
  name_watch(s, s->datagram, WATCH_DATAGRAM, full ? 0 : EPOLLIN, true);
  if (!full) name_take(s);
}

static void hear_datagrams(struct names *s) {
  for (int i = 0; i < BATCH; i++) {
    struct sockaddr_in from = {0};
    socklen_t size = sizeof from;
    if (!name_queue_room(&s->queue, DATAGRAM_MAX)) return name_hold(s, true);
    uint8_t *at = name_queue_at(&s->queue);
    ssize_t n = recvfrom(s->datagram, at, DATAGRAM_MAX, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    if (n > DATAGRAM_MAX || !name_is_query(at, (size_t)n)) continue;
    name_add(s, (size_t)n, (struct asker){.address = from.sin_addr.s_addr, .port = from.sin_port});
  }
}

static void serve(struct context *c, struct names *s, const struct epoll_event *event) {
  unsigned number = event->data.u32;
  if (number == WATCH_DATAGRAM) hear_datagrams(s);
  else if (number == WATCH_LISTENER) name_accept(s);
  else if (number >= WATCH_CONNECTION) name_serve(s, number - WATCH_CONNECTION, event->events);
  else if (name_has_server(s) && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) name_hear(c, s);
}

void names_ready(struct context *c) {
  struct names *s = c->settings.names;
  struct epoll_event event[EVENTS];
  int count = epoll_wait(s->epoll, event, EVENTS, 0);
  s->quiet_ms = steady_ms() + QUIET_MS;
  for (int i = 0; i < count; i++) serve(c, s, &event[i]);
  name_push(c, s);
  if (s->full && name_queue_room(&s->queue, DATAGRAM_MAX)) name_hold(s, false);
}

// Somebody who gave up long ago, or a connection that nobody uses.
static bool is_waiting(const struct names *s) {
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++)
    if (s->connection[i].fd >= 0) return true;
  return s->queue.waiting > 0;
}

int names_patience(const struct context *c) {
  const struct names *s = c->settings.names;
  if (!s) return -1;
  int server = name_server_patience(s);
  if (server >= 0 || !is_waiting(s)) return server;
  return steady_left(s->quiet_ms);
}

void names_tick(struct context *c) {
  struct names *s = c->settings.names;
  name_push(c, s);
  if (s->full && name_queue_room(&s->queue, DATAGRAM_MAX)) name_hold(s, false);
  if (!is_waiting(s) || steady_ms() < s->quiet_ms) return;
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++) name_drop(s, &s->connection[i]);
  // Half a frame may be on its way.
  bool stuck = name_queue_unsent(&s->queue) && name_has_server(s);
  name_queue_clear(&s->queue);
  if (stuck) name_lose(c, s);
}

void names_idle(struct context *c) {
  struct names *s = c->settings.names;
  if (!s || s->queue.waiting || name_queue_unsent(&s->queue)) return;
  name_queue_clear(&s->queue);
  if (s->in && !s->in_used) {
    unmap_memory(s->in, NAME_SERVER_BYTES);
    s->in = NULL;
  }
}
