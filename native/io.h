// Whole reads and writes, anonymous memory, process start times, last words.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

int write_all(int fd, const void *data, size_t n);
// Reads at most size - 1 bytes of a file and terminates them; -1 with errno.
ssize_t read_file(int dir, const char *path, char *out, size_t size);
int write_file(int dir, const char *path, const char *data, size_t n);
// Writes a temporary file, always a new one, and renames it to `name`.
int replace_file(int dir, const char *name, const char *data, size_t n);
// Zeroed pages that cost nothing until they are touched; NULL with errno when there are none. The sanitizer build takes them
// from the heap, where reads and writes past their end are seen.
void *map_memory(size_t size);
void *grow_memory(void *at, size_t size, size_t larger);
void unmap_memory(void *at, size_t size);
// Field 22 of PID/stat in the /proc opened as `proc`; 0 when there is no such process.
uint64_t start_time(int proc, pid_t pid);
void set_cloexec(int fd, bool on);
// Says both in one line on standard error and ends this process with status 125.
noreturn void stop(const char *what, const char *detail);
