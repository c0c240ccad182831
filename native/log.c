// Log writer: splits streams into lines and hands each to the file and to the server. What a server does not take now is held, so that
// whoever asks `log_full` first needs one chunk of memory for each stream. Knows no protocol and no format.
#include "log.h"

#include <string.h>
#include <sys/random.h>

#include "io.h"
#include "json.h"
#include "log-entry.h"

#define BATCH 131072   // written when this much is encoded
#define BUFFER (BATCH + 2 * LOG_ENTRY)
#define LAST_MS 10000  // for a server to take what is left at the end

int log_open(struct log *log, enum log_kind kind, int dir, const char *name, uint64_t max_bytes, unsigned max_files) {
  if (log_file_open(&log->file, dir, name, max_bytes, max_files)) return -1;
  log->kind = kind;
  if (kind == LOG_LOCAL && !log_entry_ends(&log->file)) log_file_rotate(&log->file);
  return 0;
}

static void flush(struct log *log) {
  size_t n = log->used;
  log->used = 0;
  log_file_append(&log->file, log->buffer, n);
}

static void store(struct log *log, const struct log_line *line) {
  if (!log->buffer && !(log->buffer = map_memory(BUFFER))) return;
  char *start = log->buffer + log->used;
  char *end = log->kind == LOG_JSON ? log_entry_json(start, line, &log->stream[line->stream], log->attributes) : log_entry_local(start, line);
  size_t size = (size_t)(end - start);
  uint64_t before = log->file.size + log->used;
  if (log->file.max_bytes && before && before + size > log->file.max_bytes) {
    flush(log);
    log_file_rotate(&log->file);
    memmove(log->buffer, start, size);
  }
  log->used += size;
  if (log->used >= BATCH) flush(log);
}

static void make_id(char id[LOG_ID]) {
  uint8_t bytes[LOG_ID / 2] = {0};
  if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) < 0) return (void)memset(id, '0', LOG_ID);
  for (size_t i = 0; i < LOG_ID; i++) id[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

static void emit(struct log *log, int number, const uint8_t *data, size_t n, bool ended, struct timespec now) {
  struct log_stream *s = &log->stream[number];
  if (!s->continued) {
    if (log->kind == LOG_JSON && (now.tv_sec != s->when.tv_sec || now.tv_nsec != s->when.tv_nsec || !s->time_size))
      s->time_size = json_time(s->time, now);
    s->when = now;
    s->ordinal = 0;
    if (log->sink && !ended) make_id(s->id);
  }
  struct log_line line = {data, n, number, ended, s->continued, ++s->ordinal, s->when, s->id};
  s->continued = !ended;
  if (log->kind) store(log, &line);
  if (log->sink) sink_add(log->sink, &line);
}

// Lines of a chunk up to where the server takes no more; bytes used.
static size_t split(struct log *log, int number, const uint8_t *data, size_t n, struct timespec now) {
  struct log_stream *s = &log->stream[number];
  const uint8_t *start = data;
  while (n && !log_full(log)) {
    size_t room = LOG_LINE - s->used, limit = n < room ? n : room;
    const uint8_t *end = memchr(data, '\n', limit);
    size_t piece = end ? (size_t)(end - data) : limit;
    if (s->used || (!end && piece < room)) {
      if (!s->partial && !(s->partial = map_memory(LOG_LINE))) break;
      memcpy(s->partial + s->used, data, piece);
      s->used += piece;
    }
    if (end || piece == room) {
      emit(log, number, s->used ? s->partial : data, s->used ? s->used : piece, end, now);
      s->used = 0;
    }
    piece += end != NULL;
    data += piece;
    n -= piece;
  }
  return (size_t)(data - start);
}

struct held_head {
  struct timespec when;
  size_t size;
  int stream;
};

static void hold(struct log *log, int stream, const uint8_t *data, size_t n, struct timespec when) {
  struct held_head head = {when, n, stream};
  size_t size = log->held_used + sizeof head + n;
  if (size > log->held_size) {
    void *larger = log->held ? grow_memory(log->held, log->held_size, size) : map_memory(size);
    if (!larger) return;
    log->held = larger;
    log->held_size = size;
  }
  memcpy(log->held + log->held_used, &head, sizeof head);
  memcpy(log->held + log->held_used + sizeof head, data, n);
  log->held_used = size;
}

static bool holds(const struct log *log) {
  return log->held_head < log->held_used;
}

bool log_full(const struct log *log) {
  return log->sink && sink_is_full(log->sink);
}

static void last_pieces(struct log *log) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (int i = 0; i < 2; i++)
    if (log->stream[i].used) {
      emit(log, i, log->stream[i].partial, log->stream[i].used, false, now);
      log->stream[i].used = 0;
    }
}

// What is held, as far as the server goes on taking it.
static void resume(struct log *log) {
  while (holds(log) && !log_full(log)) {
    struct held_head head;
    uint8_t *at = log->held + log->held_head;
    memcpy(&head, at, sizeof head);
    size_t used = split(log, head.stream, at + sizeof head, head.size, head.when);
    if (used < head.size) {
      if (!log_full(log)) break;
      // The rest gets its head anew, within what has been used.
      log->held_head += used;
      head.size -= used;
      memcpy(log->held + log->held_head, &head, sizeof head);
    } else {
      log->held_head += sizeof head + head.size;
    }
    sink_push(log->sink);
  }
  if (holds(log)) return;
  log->held_head = log->held_used = 0;
  if (log->ended) last_pieces(log);
}

void log_write(struct log *log, int number, const uint8_t *data, size_t n) {
  struct timespec now;
  if ((!log->kind && !log->sink) || !n) return;
  clock_gettime(CLOCK_REALTIME, &now);
  if (holds(log)) return hold(log, number, data, n, now);
  for (;;) {
    size_t used = split(log, number, data, n, now);
    data += used;
    n -= used;
    if (log->sink) sink_push(log->sink);
    if (!n || !used || log_full(log)) break;
  }
  if (n && log->sink) hold(log, number, data, n, now);
  if (log->buffer) flush(log);
}

void log_ready(struct log *log) {
  if (!log->sink) return;
  sink_push(log->sink);
  if (holds(log)) resume(log);
  if (log->buffer) flush(log);
}

void log_end(struct log *log) {
  log->ended = true;
  log->deadline_ms = log->sink ? sink_now_ms() + LAST_MS : 0;
  if (!holds(log)) last_pieces(log);
  log_ready(log);
  if (log->buffer) flush(log);
}

bool log_done(const struct log *log) {
  if (!log->ended || !log->sink || (!holds(log) && log->sink->head == log->sink->used)) return true;
  return sink_now_ms() >= log->deadline_ms;
}

int log_poll_fd(const struct log *log, short *events) {
  *events = 0;
  return log->sink ? sink_poll(log->sink, events) : -1;
}

int log_patience(const struct log *log) {
  if (!log->sink || (log->ended && log_done(log))) return -1;
  int wait = sink_patience(log->sink);
  if (!log->ended) return wait;
  uint64_t now = sink_now_ms();
  int left = log->deadline_ms > now ? (int)(log->deadline_ms - now) : 0;
  return wait < 0 || left < wait ? left : wait;
}

void log_idle(struct log *log) {
  if (log->buffer) unmap_memory(log->buffer, BUFFER);
  log->buffer = NULL;
  if (log->sink) sink_idle(log->sink);
  if (log->held && !holds(log)) {
    unmap_memory(log->held, log->held_size);
    log->held = NULL;
    log->held_size = 0;
  }
  for (int i = 0; i < 2; i++)
    if (log->stream[i].partial && !log->stream[i].used) {
      unmap_memory(log->stream[i].partial, LOG_LINE);
      log->stream[i].partial = NULL;
    }
}
