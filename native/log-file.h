// A log's file: appended in whole entries, rotated by size.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_file {
  int dir, fd;       // fd -1: could not be opened again after a rotation, is tried again
  const char *name;  // in `dir`
  uint64_t max_bytes, size;
  unsigned max_files;
};

// Opens NAME for appending. `name` must stay valid. Returns 0 or -1 with errno.
int log_file_open(struct log_file *file, int dir, const char *name, uint64_t max_bytes, unsigned max_files);
// Whole entries; what cannot be written whole is cut off again.
void log_file_append(struct log_file *file, const void *data, size_t n);
void log_file_rotate(struct log_file *file);
