// Log writer: splits streams into lines, encodes, writes in batches, rotates. A full disk loses lines, never the
// container: what could not be written whole is cut off again, so that the file stays valid.
#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "json.h"
#include "text.h"

#define ENCODED (6 * LOG_LINE + 256)    // the longest encoded line
#define BATCH 131072                    // written when this much is encoded
#define BUFFER (BATCH + 2 * ENCODED)

static int open_file(struct log *log) {
  struct stat s;
  log->fd = openat(log->dir, log->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (log->fd < 0) return -1;
  log->size = fstat(log->fd, &s) ? 0 : (uint64_t)s.st_size;
  return 0;
}

int log_open(struct log *log, int dir, const char *name, uint64_t max_bytes, unsigned max_files) {
  *log = (struct log){.dir = dir, .name = name, .max_bytes = max_bytes, .max_files = max_files ? max_files : 1};
  if (open_file(log)) return -1;
  log->active = true;
  return 0;
}

static void flush(struct log *log) {
  size_t n = log->used;
  log->used = 0;
  if (!n || (log->fd < 0 && open_file(log))) return;
  if (write_all(log->fd, log->buffer, n)) {
    if (ftruncate(log->fd, (off_t)log->size)) return;
  } else {
    log->size += n;
  }
}

static void rotated_name(struct log *log, unsigned number, char out[320]) {
  struct text t = {out, 320, 0};
  text_add(&t, log->name);
  if (!number) return;
  text_add(&t, ".");
  text_number(&t, number);
}

static void rotate(struct log *log) {
  char from[320], to[320];
  if (log->fd >= 0) close(log->fd);
  if (log->max_files == 1) unlinkat(log->dir, log->name, 0);
  for (unsigned i = log->max_files - 1; i; i--) {
    rotated_name(log, i - 1, from);
    rotated_name(log, i, to);
    renameat(log->dir, from, log->dir, to);
  }
  log->size = 0;
  open_file(log);
}

static void emit(struct log *log, int number, const uint8_t *line, size_t n, bool ended, const char *time, size_t time_size) {
  struct log_stream *s = &log->stream[number];
  if (!s->continued) {
    memcpy(s->time, time, time_size);
    s->time_size = time_size;
  }
  s->continued = !ended;
  char *start = log->buffer + log->used, *at = start;
  memcpy(at, "{\"log\":\"", 8);
  at += 8;
  at += json_escape(at, line, n);
  if (ended) *at++ = '\\', *at++ = 'n';
  memcpy(at, number ? "\",\"stream\":\"stderr\",\"time\":\"" : "\",\"stream\":\"stdout\",\"time\":\"", 28);
  at += 28;
  memcpy(at, s->time, s->time_size);
  at += s->time_size;
  memcpy(at, "\"}\n", 3);
  size_t size = (size_t)(at + 3 - start);
  if (log->max_bytes && log->size + log->used && log->size + log->used + size > log->max_bytes) {
    flush(log);
    rotate(log);
    memmove(log->buffer, start, size);
  }
  log->used += size;
  if (log->used >= BATCH) flush(log);
}

void log_write(struct log *log, int number, const uint8_t *data, size_t n) {
  struct log_stream *s = &log->stream[number];
  struct timespec now;
  char time[32];
  if (!log->active || !n) return;
  if (!log->buffer && !(log->buffer = map_memory(BUFFER))) return;
  clock_gettime(CLOCK_REALTIME, &now);
  size_t time_size = json_time(time, now);
  while (n) {
    size_t room = LOG_LINE - s->used, limit = n < room ? n : room;
    const uint8_t *end = memchr(data, '\n', limit);
    size_t piece = end ? (size_t)(end - data) : limit;
    if (s->used || (!end && piece < room)) {
      if (!s->partial && !(s->partial = map_memory(LOG_LINE))) return;
      memcpy(s->partial + s->used, data, piece);
      s->used += piece;
    }
    if (end || piece == room) {
      emit(log, number, s->used ? s->partial : data, s->used ? s->used : piece, end, time, time_size);
      s->used = 0;
    }
    piece += end != NULL;
    data += piece;
    n -= piece;
  }
  flush(log);
}

void log_end(struct log *log) {
  struct timespec now;
  char time[32];
  clock_gettime(CLOCK_REALTIME, &now);
  size_t time_size = json_time(time, now);
  for (int i = 0; i < 2; i++)
    if (log->stream[i].used && (log->buffer || (log->buffer = map_memory(BUFFER)))) {
      emit(log, i, log->stream[i].partial, log->stream[i].used, false, time, time_size);
      log->stream[i].used = 0;
    }
  if (log->buffer) flush(log);
}

void log_idle(struct log *log) {
  if (log->buffer) unmap_memory(log->buffer, BUFFER);
  log->buffer = NULL;
  for (int i = 0; i < 2; i++)
    if (log->stream[i].partial && !log->stream[i].used) {
      unmap_memory(log->stream[i].partial, LOG_LINE);
      log->stream[i].partial = NULL;
    }
}
