// The container's log: docker's json-file format, rotated by size.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE 16384  // longer lines are split, as docker does

struct log_stream {
  uint8_t *partial;  // a line's beginning that waits for its end
  size_t used;
  bool continued;  // the last piece written had no end of line
  char time[32];   // a split line carries the time of its first piece
  size_t time_size;
};
struct log {
  int dir, fd;       // -1: no log; a file that could not be opened again after rotation is retried
  const char *name;  // in `dir`
  uint64_t max_bytes, size;
  unsigned max_files;
  char *buffer;  // whole lines not yet written
  size_t used;
  bool active;
  struct log_stream stream[2];  // stdout, stderr
};

// Opens PATH for appending. `name` must stay valid. Returns 0 or -1 with errno.
int log_open(struct log *log, int dir, const char *name, uint64_t max_bytes, unsigned max_files);
// One chunk of a stream: its whole lines are in the file when this returns.
void log_write(struct log *log, int stream, const uint8_t *data, size_t n);
// Writes what waits for an end of line.
void log_end(struct log *log);
// Gives the memory of an idle log back.
void log_idle(struct log *log);
