// Queries that come by TCP: a length of two bytes before each message (RFC 7766). A container has few connections at a time: one more closes
// the one that has been silent for longest.
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "name-relay.h"

#define LENGTH 2
#define IN_BYTES (LENGTH + NAME_MESSAGE)
#define OUT_BYTES (2 * IN_BYTES)
#define ASKED_MAX 32  // queries of a connection that are under way

void name_drop(struct names *s, struct name_connection *one) {
  (void)s;
  if (one->fd < 0) return;
  close(one->fd);
  if (one->in) unmap_memory(one->in, IN_BYTES);
  if (one->out) unmap_memory(one->out, OUT_BYTES);
  *one = (struct name_connection){.fd = -1, .serial = one->serial};
}

static unsigned number_of(const struct names *s, const struct name_connection *one) {
  return (unsigned)(one - s->connection);
}

// What it waits for: room in its socket for answers, or more queries.
static void watch(struct names *s, struct name_connection *one) {
  unsigned events = one->out_used ? EPOLLOUT : 0;
  if (!one->ended && !one->out_used && one->in_used < IN_BYTES && one->asked < ASKED_MAX && !s->full) events |= EPOLLIN;
  name_watch(s, one->fd, WATCH_CONNECTION + number_of(s, one), events, true);
}

static struct name_connection *place_for_one(struct names *s) {
  struct name_connection *oldest = s->connection;
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++) {
    struct name_connection *one = &s->connection[i];
    if (one->fd < 0) return one;
    if (one->used_ms < oldest->used_ms) oldest = one;
  }
  name_drop(s, oldest);
  return oldest;
}

void name_accept(struct names *s) {
  int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  struct name_connection *one = place_for_one(s);
  *one = (struct name_connection){.fd = fd, .serial = ++s->serial, .used_ms = steady_ms()};
  name_watch(s, fd, WATCH_CONNECTION + number_of(s, one), EPOLLIN, false);
}

// Whole messages become queries as far as there is room. False: the connection is gone.
static bool take(struct names *s, struct name_connection *one) {
  size_t at = 0;
  while (one->asked < ASKED_MAX && one->in_used - at >= LENGTH) {
    size_t n = (size_t)one->in[at] << 8 | one->in[at + 1];
    if (one->in_used - at < LENGTH + n) break;
    if (!name_is_query(one->in + at + LENGTH, n)) return name_drop(s, one), false;
    if (!name_queue_room(&s->queue, n)) {
      name_hold(s, true);
      break;
    }
    memcpy(name_queue_at(&s->queue), one->in + at + LENGTH, n);
    one->asked++;
    name_add(s, n, (struct asker){.connection = (uint16_t)(number_of(s, one) + 1), .serial = one->serial});
    if (one->fd < 0) return false;
    at += LENGTH + n;
  }
  one->in_used -= at;
  if (at) memmove(one->in, one->in + at, one->in_used);
  return true;
}

// Nothing comes and nothing is to go.
static bool is_over(const struct names *s, const struct name_connection *one) {
  return one->ended && !one->asked && !one->out_used && !s->full;
}

static void settle(struct names *s, struct name_connection *one) {
  if (is_over(s, one)) name_drop(s, one);
  else watch(s, one);
}

static void hear(struct names *s, struct name_connection *one) {
  if (!one->in && !(one->in = map_memory(IN_BYTES))) return;
  ssize_t n = recv(one->fd, one->in + one->in_used, IN_BYTES - one->in_used, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return name_drop(s, one);
  one->ended = !n;
  one->in_used += (size_t)n;
  if (take(s, one)) settle(s, one);
}

void name_take(struct names *s) {
  for (unsigned i = 0; i < NAME_CONNECTIONS; i++) {
    struct name_connection *one = &s->connection[i];
    if (one->fd >= 0 && take(s, one)) settle(s, one);
  }
}

// False: the connection is gone.
static bool flush(struct names *s, struct name_connection *one) {
  while (one->out_at < one->out_used) {
    ssize_t n = send(one->fd, one->out + one->out_at, one->out_used - one->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n < 0) return name_drop(s, one), false;
    one->out_at += (size_t)n;
  }
  one->out_at = one->out_used = 0;
  return true;
}

void name_serve(struct names *s, unsigned number, unsigned events) {
  struct name_connection *one = &s->connection[number];
  if (one->fd < 0) return;
  one->used_ms = steady_ms();
  // Both ends are closed, or it was reset.
  if (events & (EPOLLERR | EPOLLHUP)) return name_drop(s, one);
  if (events & EPOLLOUT && flush(s, one)) settle(s, one);
  if (one->fd >= 0 && events & EPOLLIN) hear(s, one);
}

// A client that asks and does not read is closed before it costs more than two long answers.
void name_answer(struct names *s, const struct asker *asker, const uint8_t *message, size_t size) {
  struct name_connection *one = &s->connection[asker->connection - 1];
  if (one->fd < 0 || one->serial != asker->serial) return;
  one->asked--;
  if (!one->out && !(one->out = map_memory(OUT_BYTES))) return name_drop(s, one);
  if (one->out_used + LENGTH + size > OUT_BYTES) {
    memmove(one->out, one->out + one->out_at, one->out_used - one->out_at);
    one->out_used -= one->out_at;
    one->out_at = 0;
  }
  if (one->out_used + LENGTH + size > OUT_BYTES) return name_drop(s, one);
  one->out[one->out_used] = (uint8_t)(size >> 8);
  one->out[one->out_used + 1] = (uint8_t)size;
  memcpy(one->out + one->out_used + LENGTH, message, size);
  one->out_used += LENGTH + size;
  if (flush(s, one) && take(s, one)) settle(s, one);
}
