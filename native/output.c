// From the container's streams to its log and its clients: one chunk at a time, the next one when everybody has taken it. Knows nothing of
// when a stream is ready, nor what a client or the log does with it.
#include "output.h"

#include <errno.h>
#include <unistd.h>

#include "io.h"

#define LAST_OUTPUT (4u << 20)  // of processes that outlive init (no pid namespace of their own)

// One chunk of a stream into the frame at `to`; its size with the frame's head, 0 at the end of the stream, -1: nothing now.
static ssize_t read_chunk(struct context *c, int fd, int number, uint8_t *to) {
  ssize_t n;
  while ((n = read(fd, to + FRAME_HEAD, CHUNK)) < 0 && errno == EINTR) continue;
  if (n < 0 && errno == EAGAIN) return -1;
  if (n <= 0) return 0;
  log_write(&c->settings.log, number, to + FRAME_HEAD, (size_t)n);
  frame_head(to, (uint8_t)(FRAME_STDOUT + number), (uint32_t)n);
  return n + FRAME_HEAD;
}

// Room for `more` bytes behind what waits to be sent.
static bool room(struct server *s, size_t more) {
  size_t size = s->out_used + more;
  if (size <= s->out_size) return true;
  if (s->out) size += size / 2;
  void *larger = s->out ? grow_memory(s->out, s->out_size, size) : map_memory(size);
  if (!larger) return false;
  s->out = larger;
  s->out_size = size;
  return true;
}

bool output_full(const struct output *o) {
  return o->s->out_used || log_full(&o->c->settings.log);
}

bool output_relay(struct output *o, int *fd, int number) {
  struct server *s = o->s;
  if (output_full(o) || !room(s, FRAME_HEAD + CHUNK)) return false;
  if (fd != &o->c->pty) pace_wait(&o->pace[number], *fd);
  ssize_t n = read_chunk(o->c, *fd, number, s->out);
  if (n < 0) return true;
  if (n) pace_note(&o->pace[number], (size_t)n - FRAME_HEAD, CHUNK);
  if (!n && fd == &o->c->pty) return o->hung_up = true;
  if (!n) {
    close(*fd);
    *fd = -1;
    return true;
  }
  s->out_used = (size_t)n;
  for (size_t i = 0; i < s->count; i++) s->client[i].at = s->client[i].flags & ATTACH_OUTPUT ? 0 : s->out_used;
  attach_send(s);
  return true;
}

// Keeps n bytes at the end of `out` for the clients that want output; without one they are forgotten.
static void keep(struct server *s, size_t n) {
  bool wanted = false;
  for (size_t i = 0; i < s->count; i++) wanted |= s->client[i].flags & ATTACH_OUTPUT;
  if (!wanted) return;
  for (size_t i = 0; i < s->count; i++)
    if (!(s->client[i].flags & ATTACH_OUTPUT) && s->client[i].at == s->out_used) s->client[i].at += n;
  s->out_used += n;
}

// What is still on its way when init has ended, behind what clients have not taken yet. The log has it all before anybody
// hears of the end, however slow the clients are.
void output_drain(struct output *o) {
  struct server *s = o->s;
  int *fd[] = {&o->c->output[0], &o->c->output[1], &o->c->pty};
  for (int i = 0; i < 3; i++) {
    for (size_t taken = 0; *fd[i] >= 0 && taken < LAST_OUTPUT && room(s, FRAME_HEAD + CHUNK);) {
      ssize_t n = read_chunk(o->c, *fd[i], i == 1, s->out + s->out_used);
      if (n <= 0) break;
      taken += (size_t)n;
      keep(s, (size_t)n);
    }
    if (*fd[i] >= 0) close(*fd[i]);
    *fd[i] = -1;
  }
  log_end(&o->c->settings.log);
}

void output_exit(struct output *o, unsigned code, unsigned signal) {
  struct server *s = o->s;
  if (room(s, FRAME_HEAD + 8)) {
    uint8_t *frame = s->out + s->out_used;
    frame_head(frame, FRAME_EXIT, 8);
    put_u32(frame + FRAME_HEAD, code);
    put_u32(frame + FRAME_HEAD + 4, signal);
    s->out_used += FRAME_HEAD + 8;
  }
  attach_send(s);
}
