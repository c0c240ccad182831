// The console socket: where the master of the container's terminal is sent, so that somebody else than the creator looks after it.
#include "console.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

// As runc does it: the descriptor beside the bytes of a name.
int console_send(struct context *c, int master, const char *name) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {(void *)(uintptr_t)name, strlen(name)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = SCM_RIGHTS;
  control.head.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&control.head), &master, sizeof master);
  ssize_t n;
  while ((n = sendmsg(c->creation.console, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) continue;
  if (n < 0) return fail(c, "sendmsg", "the console socket");
  close(c->creation.console);
  return 0;
}
