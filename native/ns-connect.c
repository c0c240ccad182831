// `connect PROTOCOL ADDRESS PORT SOURCE MILLISECONDS [NAMESPACE]`: sends one probe from a network namespace: a TCP connection that is
// closed at once, or a UDP datagram of one byte. ADDRESS and SOURCE in hexadecimal, SOURCE empty for the kernel's choice. Says on standard
// output which port it came from and what became of it: `PORT connected`, `PORT answered`, `PORT silent` or `PORT ERRNO`.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

union endpoint {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
};

static _Noreturn void refuse(const char *word) {
  errno = EINVAL;
  ns_fail("connect", word);
}

static uint64_t number_of(const char *word, uint64_t most) {
  uint64_t value;
  if (!parse_unsigned(word, 10, &value) || value > most) refuse(word);
  return value;
}

// Fills in an address of 4 or 16 bytes; its size.
static socklen_t endpoint_of(union endpoint *e, const char *hex, uint16_t port) {
  uint8_t bytes[16];
  size_t used;
  if (!parse_bytes(hex, bytes, sizeof bytes, &used) || (used != 4 && used != 16)) refuse(hex);
  memset(e, 0, sizeof *e);
  if (used == 4) {
    e->four.sin_family = AF_INET;
    e->four.sin_port = htons(port);
    memcpy(&e->four.sin_addr, bytes, 4);
    return sizeof e->four;
  }
  e->six.sin6_family = AF_INET6;
  e->six.sin6_port = htons(port);
  memcpy(&e->six.sin6_addr, bytes, 16);
  return sizeof e->six;
}

// The socket's pending error, or what happened without one.
static const char *outcome_of(int fd, int tcp, int milliseconds) {
  struct pollfd wait = {.fd = fd, .events = tcp ? POLLOUT : POLLIN};
  int ready;
  do ready = poll(&wait, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) ns_fail("poll", "socket");
  if (ready == 0) return tcp ? errno_name(ETIMEDOUT) : "silent";
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) ns_fail("getsockopt", "socket");
  if (error) return errno_name(error);
  return tcp ? "connected" : "answered";
}

static uint16_t own_port(int fd) {
  union endpoint own;
  socklen_t size = sizeof own;
  if (getsockname(fd, &own.any, &size) < 0) ns_fail("getsockname", "socket");
  return ntohs(own.any.sa_family == AF_INET ? own.four.sin_port : own.six.sin6_port);
}

static void report(uint16_t port, const char *outcome) {
  char line[96];
  struct text t = {.at = line, .size = sizeof line};
  text_number(&t, port);
  text_add(&t, " ");
  text_add(&t, outcome);
  text_add(&t, "\n");
  if (write(1, line, t.used) < 0) ns_fail("write", "standard output");
}

int ns_connect(int argc, char **argv) {
  int tcp = !strcmp(argv[1], "tcp");
  if (!tcp && strcmp(argv[1], "udp")) refuse(argv[1]);
  union endpoint to, from;
  socklen_t size = endpoint_of(&to, argv[2], (uint16_t)number_of(argv[3], 65535));
  int milliseconds = (int)number_of(argv[5], 60000);
  if (argc > 6) ns_enter(argv[6], CLONE_NEWNET);
  int fd = socket(to.any.sa_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) ns_fail("socket", argv[1]);
  if (*argv[4]) {
    socklen_t own = endpoint_of(&from, argv[4], 0);
    if (bind(fd, &from.any, own) < 0) ns_fail("bind", argv[4]);
  }
  const char *outcome = NULL;
  if (connect(fd, &to.any, size) < 0 && errno != EINPROGRESS) outcome = errno_name(errno);
  // Its port is known now, and still after a refusal.
  uint16_t port = own_port(fd);
  if (!outcome && !tcp && send(fd, "", 1, 0) < 0) outcome = errno_name(errno);
  report(port, outcome ? outcome : outcome_of(fd, tcp, milliseconds));
  return 0;
}
