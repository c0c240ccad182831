// Whole reads and writes over interrupted and partial system calls, anonymous memory, process start times, last words.
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text.h"

int write_all(int fd, const void *data, size_t n) {
  const char *at = data;
  while (n) {
    ssize_t done = write(fd, at, n);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return -1;
    at += done;
    n -= (size_t)done;
  }
  return 0;
}

ssize_t read_file(int dir, const char *path, char *out, size_t size) {
  int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  size_t used = 0;
  while (used < size - 1) {
    ssize_t n = read(fd, out + used, size - 1 - used);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    used += (size_t)n;
  }
  close(fd);
  out[used] = 0;
  return (ssize_t)used;
}

int write_file(int dir, const char *path, const char *data, size_t n) {
  int fd = openat(dir, path, O_WRONLY | O_CLOEXEC), failed = 0;
  if (fd < 0) return -1;
  // One write: the files of procfs and cgroupfs take a value only whole.
  while (write(fd, data, n) < 0)
    if (errno != EINTR) {
      failed = errno;
      break;
    }
  close(fd);
  errno = failed;
  return failed ? -1 : 0;
}

int replace_file(int dir, const char *name, const char *data, size_t n) {
  char temporary[NAME_MAX + 2];
  struct text t = {temporary, sizeof temporary, 0};
  text_add(&t, ".");
  text_add(&t, name);
  // Somebody else's would stay theirs, and open to them.
  unlinkat(dir, temporary, 0);
  int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return -1;
  int failed = write_all(fd, data, n) ? errno : 0;
  close(fd);
  if (!failed && !renameat(dir, temporary, dir, name)) return 0;
  if (!failed) failed = errno;
  unlinkat(dir, temporary, 0);
  errno = failed;
  return -1;
}

#ifdef TSNS_SANITIZE
void *map_memory(size_t size) {
  return calloc(1, size);
}

void *grow_memory(void *at, size_t size, size_t larger) {
  (void)size;
  return realloc(at, larger);
}

void unmap_memory(void *at, size_t size) {
  (void)size;
  free(at);
}
#else
void *map_memory(size_t size) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}

void *grow_memory(void *at, size_t size, size_t larger) {
  void *moved = mremap(at, size, larger, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? NULL : moved;
}

void unmap_memory(void *at, size_t size) {
  munmap(at, size);
}
#endif

uint64_t start_time(int proc, pid_t pid) {
  char path[32], stat[1024];
  struct text t = {path, sizeof path, 0};
  text_number(&t, (uint64_t)pid);
  text_add(&t, "/stat");
  if (read_file(proc, path, stat, sizeof stat) <= 0) return 0;
  // The command in parentheses may contain anything; what follows its last ) is field 3.
  char *at = strrchr(stat, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  if (!at) return 0;
  at[1 + strspn(at + 1, "0123456789")] = 0;
  return number(at + 1);
}

void set_cloexec(int fd, bool on) {
  fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

noreturn void stop(const char *what, const char *detail) {
  char line[512];
  struct text t = {line, sizeof line, 0};
  text_add(&t, "tsns-sandbox: ");
  text_add(&t, what);
  text_add(&t, detail);
  text_add(&t, "\n");
  write_all(2, line, t.used);
  _exit(125);
}
