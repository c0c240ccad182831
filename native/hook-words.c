// Words of a hook and parts of its text. Pure.
#include "hook-words.h"

#include <string.h>

#include "text.h"

void hook_words(struct hook_words *h, char **arg) {
  size_t argc = number(arg[5]);
  h->name = arg[0];
  h->limit_ms = number(arg[1]);
  h->as_command = !strcmp(arg[4], "command");
  h->path = arg[6];
  h->argv = arg + 6;
  h->envp = arg + 7 + argc;
  // A program has at least a name.
  if (!argc) *--h->argv = h->path;
  memmove(arg + 6, arg + 7, argc * sizeof *arg);
  arg[6 + argc] = NULL;
}

size_t parts_advance(struct iovec *part, size_t count, size_t n) {
  size_t left = 0;
  for (size_t i = 0; i < count; i++) {
    size_t taken = n < part[i].iov_len ? n : part[i].iov_len;
    part[i].iov_base = (char *)part[i].iov_base + taken;
    part[i].iov_len -= taken;
    n -= taken;
    left += part[i].iov_len;
  }
  return left;
}
