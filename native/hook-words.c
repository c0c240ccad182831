// Words of a hook and parts of its text. Pure.
#include "hook-words.h"

#include <string.h>

#include "text.h"

void hook_words(struct hook_words *h, char **arg) {
  size_t argc = number(arg[3]);
  h->limit_ms = number(arg[0]);
  h->path = arg[4];
  h->argv = arg + 4;
  h->envp = arg + 5 + argc;
  // A program has at least a name.
  if (!argc) *--h->argv = h->path;
  memmove(arg + 4, arg + 5, argc * sizeof *arg);
  arg[4 + argc] = NULL;
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
