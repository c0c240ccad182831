// The container's log: output cut into lines, for a file (docker's json-file format or an own one without loss) and for a log server.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log-file.h"
#include "log-sink.h"

#define LOG_LINE 16384       // longer lines are split, as docker does
#define LOG_ATTRIBUTES 4096  // bytes

enum log_kind { LOG_NONE, LOG_JSON, LOG_LOCAL };

struct log_stream {
  uint8_t *partial;  // a line's beginning that waits for its end
  size_t used;
  bool continued;  // the last piece written had no end of line
  unsigned ordinal;
  struct timespec when;  // a split line carries the time of its first piece
  char time[32];         // that as text
  size_t time_size;
  char id[LOG_ID];
};
struct log {
  enum log_kind kind;
  struct log_file file;
  const char *attributes;  // what stands before each entry's "time"; NULL: nothing
  struct sink *sink;       // NULL: no server
  char *buffer;            // whole entries not yet written
  size_t used;
  uint8_t *held;  // output that waits for the server: stream and time, then bytes
  size_t held_size, held_head, held_used;
  bool ended;
  uint64_t deadline_ms;  // what waits then is given up
  struct log_stream stream[2];  // stdout, stderr
};

// Opens PATH for appending. `name` must stay valid. Returns 0 or -1 with errno.
int log_open(struct log *log, enum log_kind kind, int dir, const char *name, uint64_t max_bytes, unsigned max_files);
// One chunk of a stream: its whole lines are in the file, and as far as possible with the server, when this returns.
void log_write(struct log *log, int stream, const uint8_t *data, size_t n);
// The server takes no more: nothing should be read that has to be logged.
bool log_full(const struct log *log);
// Writes what waits for an end of line. What the server has not got yet may follow for some seconds.
void log_end(struct log *log);
// After the end: nothing is left that could be sent.
bool log_done(const struct log *log);
// For the event loop: what to poll for (-1: nothing), how long at most (-1: no limit), and what to call then.
int log_poll_fd(const struct log *log, short *events);
int log_patience(const struct log *log);
void log_ready(struct log *log);
// Gives the memory of an idle log back.
void log_idle(struct log *log);
