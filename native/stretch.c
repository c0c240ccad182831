// Bytes on their way from one descriptor to another.
#include "stretch.h"

#include <errno.h>
#include <unistd.h>

static bool is_passing(void) {
  return errno == EAGAIN || errno == EINTR;
}

bool stretch_take(int fd, struct stretch *s) {
  ssize_t n = read(fd, s->bytes, sizeof s->bytes);
  if (n < 0) return is_passing();
  s->at = 0;
  s->used = (size_t)n;
  return n > 0;
}

bool stretch_give(int fd, struct stretch *s) {
  ssize_t n = write(fd, s->bytes + s->at, s->used - s->at);
  if (n < 0 && is_passing()) return true;
  s->at += n < 0 ? s->used - s->at : (size_t)n;
  if (s->at == s->used) s->at = s->used = 0;
  return n >= 0;
}
