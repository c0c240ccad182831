// What the operation `hook` says, as execve(2) wants it, and what is left to write of a text in parts.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct hook_words {
  char *name, *path, **argv, **envp;
  bool as_command;  // it has the command's environment, not `envp`
  uint64_t limit_ms;  // 0: none
};

// From NAME TIMEOUT_MS BEFORE AFTER own|command ARGC PATH ARG... ENV..., ended by a NULL; the list is rearranged, for that its two lists need an
// end each.
void hook_words(struct hook_words *h, char **arg);
// Takes off `n` bytes; how many are left.
size_t parts_advance(struct iovec *part, size_t count, size_t n);
