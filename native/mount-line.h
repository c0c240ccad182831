// One line of mountinfo (proc_pid_mountinfo(5)).
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct mount_line {
  uint64_t id, parent;
  char target[PATH_MAX];
  bool is_view;  // all of a proc or sysfs, as far as the line tells
};

// False when it is none. Pure.
bool mount_line(const char *line, struct mount_line *m);
