// Bytes on their way from one descriptor to another: what has been taken waits until it has been given.
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct stretch {
  char bytes[16384];
  size_t at, used;
};

// Into one that is empty. False at the end, or when nothing can come any more.
bool stretch_take(int fd, struct stretch *s);
// False when nobody takes anything any more: what was left is gone.
bool stretch_give(int fd, struct stretch *s);
