// The connection to the name server of the data root: made when there is something to ask, made again when the server has gone. One that is
// not there is started, once a second at most; after four seconds without any, what waits is refused.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "frame.h"
#include "io.h"
#include "name-relay.h"
#include "spawn.h"
#include "text.h"

#define FIRST_WAIT_MS 5
#define WAIT_MAX_MS 100
#define START_MS 1000    // between two starts of the server
#define REFUSE_MS 4000   // without a server
#define ID_BYTES 64

bool name_has_server(const struct names *s) {
  return s->server >= 0;
}

static void refuse_all(struct names *s) {
  struct asker asker;
  uint8_t *message;
  size_t at = 0, size;
  while (name_queue_next(&s->queue, &at, &asker, &message, &size)) {
    name_refuse(message);
    name_deliver(s, &asker, message, size);
  }
  name_queue_clear(&s->queue);
}

// There is no server, or none that says anything.
static void note_absence(struct context *c, struct names *s) {
  uint64_t now = steady_ms();
  if (!s->since_ms) {
    s->since_ms = now;
    s->wait_ms = FIRST_WAIT_MS;
  }
  if (now - s->since_ms >= REFUSE_MS) {
    s->since_ms = 0;
    refuse_all(s);
    return;
  }
  if (now >= s->start_ms) {
    spawn_detached(c, s->program);
    s->start_ms = now + START_MS;
  }
  s->again_ms = now + s->wait_ms;
  s->wait_ms = s->wait_ms * 2 < WAIT_MAX_MS ? s->wait_ms * 2 : WAIT_MAX_MS;
}

void name_lose(struct context *c, struct names *s) {
  close(s->server);
  s->server = -1;
  s->in_used = 0;
  s->waiting = false;
  name_queue_again(&s->queue);
  // It may have gone as one does that nobody asks: the next one is looked for at once.
  if (s->served || !name_queue_unsent(&s->queue)) s->since_ms = 0;
  else note_absence(c, s);
}

// The path may pass the 108 bytes of unix(7): its directory is named by a descriptor.
static int connect_to(const char *path) {
  char directory[4096];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct text t = {address.sun_path, sizeof address.sun_path, 0};
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 0;
  if (!n || n >= sizeof directory) return -1;
  memcpy(directory, path, n);
  directory[n] = 0;
  int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return -1;
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)dir);
  text_add(&t, slash);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
    close(fd);
    fd = -1;
  }
  close(dir);
  return fd;
}

static bool connected(struct context *c, struct names *s) {
  uint8_t hello[NAME_HEAD + ID_BYTES];
  size_t n = strnlen(s->id, ID_BYTES);
  if (s->server >= 0) return true;
  if (s->since_ms && steady_ms() < s->again_ms) return false;
  s->server = connect_to(s->socket);
  if (s->server < 0) return note_absence(c, s), false;
  s->served = false;
  put_u32(hello, (uint32_t)(NAME_HEAD - 4 + n));
  put_u32(hello + 4, 0);
  put_u32(hello + 8, NAME_HELLO);
  memcpy(hello + NAME_HEAD, s->id, n);
  if (send(s->server, hello, NAME_HEAD + n, MSG_NOSIGNAL) != (ssize_t)(NAME_HEAD + n)) return name_lose(c, s), false;
  name_watch(s, s->server, WATCH_SERVER, EPOLLIN, false);
  return true;
}

void name_push(struct context *c, struct names *s) {
  struct name_queue *q = &s->queue;
  if (!name_queue_unsent(q) || !connected(c, s)) return;
  bool waiting = false;
  while (name_queue_unsent(q) && !waiting) {
    ssize_t n = send(s->server, q->data + q->sent, q->used - q->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) q->sent += (size_t)n;
    else if (errno == EAGAIN || errno == ENOBUFS) waiting = true;
    else if (errno != EINTR) return name_lose(c, s);
  }
  if (waiting != s->waiting) name_watch(s, s->server, WATCH_SERVER, EPOLLIN | (waiting ? EPOLLOUT : 0u), true);
  s->waiting = waiting;
}

// Whole frames; bytes used, or -1 for what is no frame.
static ssize_t take_frames(struct names *s) {
  size_t at = 0;
  while (s->in_used - at >= NAME_HEAD) {
    const uint8_t *frame = s->in + at;
    size_t rest = get_u32(frame), n = rest + 4;
    struct asker asker;
    if (rest < NAME_HEAD - 4 || n > NAME_HEAD + NAME_MESSAGE) return -1;
    if (s->in_used - at < n) break;
    at += n;
    if (frame[8] & (NAME_IGNORED | NAME_HELLO)) continue;
    s->served = true;
    s->since_ms = 0;
    if (name_queue_answer(&s->queue, get_u32(frame + 4), &asker)) name_deliver(s, &asker, frame + NAME_HEAD, n - NAME_HEAD);
  }
  return (ssize_t)at;
}

void name_hear(struct context *c, struct names *s) {
  if (!s->in && !(s->in = map_memory(NAME_SERVER_BYTES))) return;
  // A limit, so that a busy container does not keep its output waiting.
  for (int i = 0; i < 4 && s->server >= 0; i++) {
    ssize_t n = recv(s->server, s->in + s->in_used, NAME_SERVER_BYTES - s->in_used, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return name_lose(c, s);
    s->in_used += (size_t)n;
    ssize_t used = take_frames(s);
    if (used < 0) return name_lose(c, s);
    s->in_used -= (size_t)used;
    memmove(s->in, s->in + used, s->in_used);
  }
}

int name_server_patience(const struct names *s) {
  if (s->server >= 0 || !name_queue_unsent(&s->queue)) return -1;
  return s->since_ms ? steady_left(s->again_ms) : 0;
}
