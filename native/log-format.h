// What a line becomes on its way to a log server: a list of pieces, written after the driver's protocol by who made the plan.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LOG_ID 64     // hexadecimal digits that the pieces of one long line share
#define ZONES_MAX 24  // changes of the local time that are known beforehand

// A line, or a piece of one that is too long.
struct log_line {
  const uint8_t *data;
  size_t size;
  int stream;             // 0 stdout, 1 stderr
  bool ended, continued;  // has its end; is no beginning
  unsigned ordinal;       // of the piece, from 1
  struct timespec when;
  const char *id;  // LOG_ID digits, for pieces
};
// Seconds east of UTC from each moment on.
struct log_zone {
  size_t count;
  int64_t from[ZONES_MAX], offset[ZONES_MAX];
};

// Appends one PIECE (native/README.md) to a program of at most `size` bytes; false when it is none or there is no room.
bool format_add(uint8_t *program, size_t size, size_t *used, const char *piece);
// Bytes that `format_render` may need.
size_t format_bound(const uint8_t *program, size_t used, const struct log_line *line);
// The message; 0: this line makes none.
size_t format_render(uint8_t *out, const uint8_t *program, size_t used, const struct log_line *line, const struct log_zone *zone);
