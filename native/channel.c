// The socket between monitor and init. It closes itself when init becomes the command: that is how the monitor learns it.
#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int channel_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

int channel_write(int fd, char kind) {
  ssize_t n;
  while ((n = write(fd, &kind, 1)) < 0 && errno == EINTR) continue;
  return n < 0 ? -1 : 0;
}

int channel_send(int fd, char kind, const int *fds, size_t count) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(2 * sizeof(int))];
  } control;
  struct iovec part = {&kind, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof control);
  if (count) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
  }
  ssize_t n;
  while ((n = sendmsg(fd, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) continue;
  return n < 0 ? -1 : 0;
}

ssize_t channel_receive(int fd, char *out, size_t size, int fds[2]) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(2 * sizeof(int))];
  } control;
  struct iovec part = {out, size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n;
  fds[0] = fds[1] = -1;
  // ECONNRESET: the other end was closed with messages unread on it. That is told once, before what it has sent.
  while ((n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
  if (n > 0 && message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.head.cmsg_type == SCM_RIGHTS)
    memcpy(fds, CMSG_DATA(&control.head), control.head.cmsg_len == CMSG_LEN(2 * sizeof(int)) ? 2 * sizeof(int) : sizeof(int));
  return n;
}
