// The log's file. A full disk loses entries, never the container: what could not be written whole is cut off again, so that the
// file stays valid. Knows nothing of what an entry is.
#include "log-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "text.h"

#define LARGE (1u << 20)  // bytes

static int open_file(struct log_file *file) {
  struct stat s;
  file->fd = openat(file->dir, file->name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (file->fd < 0) return -1;
  file->size = fstat(file->fd, &s) ? 0 : (uint64_t)s.st_size;
  return 0;
}

int log_file_open(struct log_file *file, int dir, const char *name, uint64_t max_bytes, unsigned max_files) {
  *file = (struct log_file){.dir = dir, .name = name, .max_bytes = max_bytes, .max_files = max_files ? max_files : 1};
  return open_file(file);
}

void log_file_append(struct log_file *file, const void *data, size_t n) {
  if (!n || (file->fd < 0 && open_file(file))) return;
  if (write_all(file->fd, data, n)) {
    if (ftruncate(file->fd, (off_t)file->size)) return;
  } else {
    file->size += n;
  }
}

static void rotated_name(const struct log_file *file, unsigned number, char out[320]) {
  struct text t = {out, 320, 0};
  text_add(&t, file->name);
  if (!number) return;
  text_add(&t, ".");
  text_number(&t, number);
}

// Takes the name away. The kernel needs some milliseconds to give the pages of a large file back, while nobody would read the
// container's output: a process of its own removes that.
static void discard(const struct log_file *file, const char *name) {
  char old[320];
  struct text t = {old, sizeof old, 0};
  text_add(&t, file->name);
  text_add(&t, ".old");
  if (file->size < LARGE || renameat(file->dir, name, file->dir, old)) {
    unlinkat(file->dir, name, 0);
    return;
  }
  pid_t child = fork();
  if (child <= 0) unlinkat(file->dir, old, 0);
  if (!child) _exit(0);
}

void log_file_rotate(struct log_file *file) {
  char from[320], to[320];
  if (file->fd >= 0) close(file->fd);
  rotated_name(file, file->max_files - 1, from);
  discard(file, from);
  for (unsigned i = file->max_files - 1; i; i--) {
    rotated_name(file, i - 1, from);
    rotated_name(file, i, to);
    renameat(file->dir, from, file->dir, to);
  }
  file->size = 0;
  open_file(file);
}
