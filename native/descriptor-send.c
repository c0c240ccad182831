// One message over a Unix socket that carries a descriptor (SCM_RIGHTS) beside some bytes.
#include "descriptor-send.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int descriptor_send(int to, int fd, const char *text) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = SCM_RIGHTS;
  control.head.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
  ssize_t n;
  while ((n = sendmsg(to, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) continue;
  return n < 0 ? -1 : 0;
}
