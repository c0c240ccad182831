// The console socket: where the master of the container's terminal is sent, so that somebody else than the creator looks after it.
#include "console.h"

#include "descriptor-send.h"
#include "operation.h"
#include "sys.h"
#include "text.h"
#include "unix-path.h"

int op_console_socket(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = unix_connect(arg[1]), to = (int)number(arg[0]);
  if (fd < 0) return fail(c, "connect", arg[1]);
  int result = dup3(fd, to, O_CLOEXEC) < 0 ? fail(c, "dup3", arg[0]) : 0;
  close(fd);
  if (!result) c->creation.console = to;
  return result;
}

int console_send(struct context *c, int master, const char *name) {
  if (descriptor_send(c->creation.console, master, name)) return fail(c, "sendmsg", "the console socket");
  close(c->creation.console);
  return 0;
}
