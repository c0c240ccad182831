// Connected before anything is made, so that a wrong path leaves nothing behind; used once, right after init's clone.
#include "pidfd-socket.h"

#include "descriptor-send.h"
#include "operation.h"
#include "sys.h"
#include "unix-path.h"

// The creator's alone: init closes what is not among the numbers of the plan.
int op_pidfd_socket(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = unix_connect(arg[0]);
  if (fd < 0) return fail(c, "connect", arg[0]);
  int high = fcntl(fd, F_DUPFD_CLOEXEC, 200), result = high < 0 ? fail(c, "fcntl", arg[0]) : 0;
  close(fd);
  if (result) return result;
  c->creation.pidfd_to = high;
  c->creation.pidfd_index = c->index;
  return 0;
}

int pidfd_send(struct context *c) {
  if (!c->creation.pidfd_to) return 0;
  size_t before = c->index;
  c->index = c->creation.pidfd_index;
  char **arg = c->plan.step[c->index].arg;
  if (descriptor_send(c->creation.pidfd_to, c->init_fd, arg[1])) return fail(c, "sendmsg", arg[0]);
  close(c->creation.pidfd_to);
  c->index = before;
  return 0;
}
