// Standard streams between a container and its monitor.
#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

int streams_make(struct context *c, int theirs[3]) {
  int in[2], out[2];
  for (int i = 0; i < 3; i++) theirs[i] = c->mode == MODE_CREATE ? i : 0;
  if (c->mode == MODE_CREATE && c->settings.io == STDIO_NULL) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return fail(c, "open", "/dev/null");
    for (int i = 0; i < 3; i++) theirs[i] = null;
  }
  if (c->settings.io != STDIO_PIPE) return 0;
  if (c->settings.in != STDIN_NONE) {
    if (pipe2(in, O_CLOEXEC)) return fail(c, "pipe2", "stdin");
    theirs[0] = in[0];
    c->input = in[1];
    fcntl(in[1], F_SETFL, O_NONBLOCK);
  }
  for (int i = 0; i < 2; i++) {
    if (pipe2(out, O_CLOEXEC)) return fail(c, "pipe2", "stdout");
    c->output[i] = out[0];
    theirs[i + 1] = out[1];
    fcntl(out[0], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

void streams_close(const int theirs[3]) {
  for (int i = 0; i < 3; i++)
    if (theirs[i] > 2 && (!i || theirs[i] != theirs[i - 1])) close(theirs[i]);
}
