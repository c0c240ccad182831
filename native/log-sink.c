// Messages to a log server. The socket does not block: what it does not take waits in the queue, whose size has an end. A server that is gone
// is connected to again, a number of times; what its system calls say of one message costs that message.
#include "log-sink.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "io.h"

#define CONNECT_MS 10000
#define CHUNK_BYTES 1420  // of a GELF datagram that is one of several, its head included
#define CHUNK_HEAD 12
#define CHUNKS_MAX 128
#define WAIT_MAX_MS 60000
#define QUEUE_SMALL 65536

uint64_t sink_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void disconnect(struct sink *sink) {
  if (sink->fd >= 0) close(sink->fd);
  sink->fd = -1;
  sink->connecting = false;
  sink->sent = 0;
}

static void empty(struct sink *sink) {
  sink->head = sink->used = sink->waiting = sink->sent = 0;
}

// 1: connected, 0: under way, -1: failed.
static int begin(struct sink *sink) {
  const struct sink_choice *choice = &sink->choice;
  int failed;
  sink->fd = socket(choice->address.ss_family, choice->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (sink->fd < 0) return -1;
  while (connect(sink->fd, (const struct sockaddr *)&choice->address, choice->address_size)) {
    if (errno == EINTR) continue;
    if (errno == EINPROGRESS) return (sink->connecting = true), 0;
    failed = errno;
    disconnect(sink);
    errno = failed;
    return -1;
  }
  return 1;
}

static int connection_error(struct sink *sink) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(sink->fd, SOL_SOCKET, SO_ERROR, &error, &size)) return errno;
  return error;
}

int sink_connect(struct sink *sink) {
  int result = begin(sink), error;
  if (result) return result < 0 ? -1 : 0;
  struct pollfd p = {.fd = sink->fd, .events = POLLOUT};
  int ready = poll(&p, 1, CONNECT_MS);
  error = ready > 0 ? connection_error(sink) : ETIMEDOUT;
  sink->connecting = false;
  if (!error) return 0;
  disconnect(sink);
  errno = error;
  return -1;
}

// The wait grows by half each time, as long as the server stays away.
static void note_failure(struct sink *sink) {
  uint64_t wait = sink->choice.wait_ms;
  disconnect(sink);
  sink->failed++;
  if (sink->choice.tries && sink->failed >= sink->choice.tries) {
    sink->failed = 0;
    empty(sink);
    return;
  }
  for (uint64_t i = 1; i < sink->failed && wait < WAIT_MAX_MS; i++) wait += wait / 2;
  sink->again_ms = sink_now_ms() + (wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS);
}

static uint8_t *reserve(struct sink *sink, size_t more) {
  if (sink->head && (sink->head == sink->used || sink->used + more > sink->size)) {
    memmove(sink->queue, sink->queue + sink->head, sink->used - sink->head);
    sink->used -= sink->head;
    sink->head = 0;
  }
  size_t size = sink->used + more;
  if (size > sink->size) {
    size = size < QUEUE_SMALL ? QUEUE_SMALL : size + size / 2;
    void *larger = sink->queue ? grow_memory(sink->queue, sink->size, size) : map_memory(size);
    if (!larger) return NULL;
    sink->queue = larger;
    sink->size = size;
  }
  return sink->queue + sink->used;
}

void sink_add(struct sink *sink, const struct log_line *line) {
  uint8_t *at = reserve(sink, 4 + format_bound(sink->program, sink->program_used, line));
  if (!at) return;
  uint32_t n = (uint32_t)format_render(at + 4, sink->program, sink->program_used, line, &sink->zone);
  if (!n) return;
  if (sink->choice.drop && sink->waiting && sink->waiting + n > sink->choice.limit) return;
  memcpy(at, &n, 4);
  sink->used += 4 + n;
  sink->waiting += n;
}

bool sink_is_full(const struct sink *sink) {
  return !sink->choice.drop && sink->waiting >= sink->choice.limit;
}

static void forget_first(struct sink *sink, uint32_t n) {
  sink->head += 4 + n;
  sink->waiting -= n;
  sink->sent = 0;
}

// One piece of a message that is too large for a datagram.
static ssize_t send_chunk(struct sink *sink, const uint8_t *message, size_t n) {
  static uint8_t id[8];
  uint8_t datagram[CHUNK_BYTES];
  size_t room = CHUNK_BYTES - CHUNK_HEAD, count = (n + room - 1) / room, from = sink->sent * room;
  size_t size = n - from < room ? n - from : room;
  if (!sink->sent && getrandom(id, sizeof id, GRND_NONBLOCK) < 0) memcpy(id, &message, sizeof id);
  datagram[0] = 0x1e;
  datagram[1] = 0x0f;
  memcpy(datagram + 2, id, sizeof id);
  datagram[10] = (uint8_t)sink->sent;
  datagram[11] = (uint8_t)count;
  memcpy(datagram + CHUNK_HEAD, message + from, size);
  if (send(sink->fd, datagram, CHUNK_HEAD + size, MSG_NOSIGNAL) < 0) return -1;
  sink->sent++;
  return sink->sent == count ? (ssize_t)n : 0;
}

// Bytes of the message that are gone with this call: all of a datagram's, some of a stream's.
static ssize_t send_some(struct sink *sink, const uint8_t *message, size_t n) {
  if (sink->choice.chunked && n > CHUNK_BYTES) {
    if (n > (CHUNK_BYTES - CHUNK_HEAD) * CHUNKS_MAX) return errno = EMSGSIZE, -1;
    return send_chunk(sink, message, n);
  }
  ssize_t sent = send(sink->fd, message + sink->sent, n - sink->sent, MSG_NOSIGNAL);
  if (sent < 0 || sink->choice.type == SOCK_DGRAM) return sent < 0 ? -1 : (ssize_t)n;
  sink->sent += (size_t)sent;
  return sink->sent == n ? (ssize_t)n : 0;
}

// What a stream's server says is nobody's business; its end is.
static void hear(struct sink *sink) {
  uint8_t answer[512];
  ssize_t n;
  if (sink->choice.type != SOCK_STREAM) return;
  while ((n = recv(sink->fd, answer, sizeof answer, MSG_DONTWAIT)) > 0 || (n < 0 && errno == EINTR)) continue;
  if (!n || errno != EAGAIN) disconnect(sink);
}

static bool is_connected(struct sink *sink) {
  if (sink->fd >= 0 && sink->connecting) {
    struct pollfd p = {.fd = sink->fd, .events = POLLOUT};
    if (poll(&p, 1, 0) <= 0) return false;
    if (connection_error(sink)) return note_failure(sink), false;
    sink->connecting = false;
  }
  if (sink->fd >= 0) hear(sink);
  if (sink->fd >= 0) return true;
  if (sink->head == sink->used || (sink->failed && sink_now_ms() < sink->again_ms)) return false;
  int result = begin(sink);
  if (result < 0) note_failure(sink);
  return result > 0;
}

// After a message that could not be sent: whether to go on with the next one.
static bool after_error(struct sink *sink, uint32_t n) {
  int error = errno;
  if (error == EINTR) return true;
  if (error == EAGAIN) return false;
  // ENOBUFS: the interface's queue is full. ECONNREFUSED of udp: nobody took an earlier one.
  bool only_this = error == EMSGSIZE || error == ENOBUFS || (error == ECONNREFUSED && sink->choice.address.ss_family != AF_UNIX);
  if (sink->choice.type == SOCK_DGRAM && only_this) return forget_first(sink, n), true;
  if (sink->failed) return note_failure(sink), false;
  // A connection that has served may have ended long ago: a new one is tried at once.
  disconnect(sink);
  sink->failed = 1;
  sink->again_ms = 0;
  return is_connected(sink);
}

void sink_push(struct sink *sink) {
  if (!is_connected(sink)) return;
  while (sink->head < sink->used) {
    uint32_t n;
    memcpy(&n, sink->queue + sink->head, 4);
    ssize_t sent = send_some(sink, sink->queue + sink->head + 4, n);
    if (sent < 0 && !after_error(sink, n)) return;
    if (sent >= 0) sink->failed = 0;
    if (sent > 0) forget_first(sink, n);
  }
}

int sink_poll(const struct sink *sink, short *events) {
  *events = (short)((sink->choice.type == SOCK_STREAM ? POLLIN : 0) | (sink->connecting || sink->head < sink->used ? POLLOUT : 0));
  return *events ? sink->fd : -1;
}

int sink_patience(const struct sink *sink) {
  if (sink->fd >= 0 || sink->head == sink->used) return -1;
  uint64_t now = sink_now_ms();
  return sink->failed && sink->again_ms > now ? (int)(sink->again_ms - now) : 0;
}

void sink_idle(struct sink *sink) {
  if (!sink->queue || sink->head < sink->used) return;
  unmap_memory(sink->queue, sink->size);
  sink->queue = NULL;
  sink->size = 0;
  empty(sink);
}
