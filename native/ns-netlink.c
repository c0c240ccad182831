// `netlink FAMILY [NAMESPACE [FD PATH]...]`: sends the netlink messages of standard input one by one over a socket of that
// family (linux/netlink.h: 0 route, 12 netfilter), opened in a network namespace, and writes every message of each answer to
// standard output, up to and including its acknowledgement, error or end of a dump. An empty NAMESPACE is the current one.
// Each PATH is opened before that at exactly that number (100-199), for messages that name namespaces by descriptor;
// one that cannot be opened leaves its number closed, and the kernel refuses the messages that name it, each by itself.
// A message of type NLMSG_NOOP goes to nobody: its payload is the file of the namespace that the following ones go to; it is
// answered as the kernel would, and where it fails so do they, until the next one. Understands headers only.
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

// Answers are collected: thousands of small writes would each wake the reader.
static struct {
  uint8_t bytes[1 << 16];
  size_t used;
} output;

static void write_out(const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(1, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("write", "standard output");
    bytes += n;
    size -= (size_t)n;
  }
}

static void flush_output(void) {
  write_out(output.bytes, output.used);
  output.used = 0;
}

static void write_all(const uint8_t *bytes, size_t size) {
  if (size > sizeof output.bytes - output.used) flush_output();
  if (size > sizeof output.bytes) {
    write_out(bytes, size);
    return;
  }
  memcpy(output.bytes + output.used, bytes, size);
  output.used += size;
}

static uint8_t *read_all(size_t *size) {
  size_t room = 65536, used = 0;
  uint8_t *bytes = malloc(room);
  for (;;) {
    if (!bytes) ns_fail("malloc", "messages");
    ssize_t n = read(0, bytes + used, room - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("read", "standard input");
    if (n == 0) break;
    used += (size_t)n;
    if (used == room) bytes = realloc(bytes, room *= 2);
  }
  *size = used;
  return bytes;
}

// True when the answer to `sequence` is complete with what is in the buffer.
static int relay(uint8_t *buffer, size_t size, uint32_t sequence) {
  int done = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= size;) {
    struct nlmsghdr header;
    memcpy(&header, buffer + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - at) break;
    size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step > size - at) step = size - at;
    if (header.nlmsg_seq == sequence) {
      write_all(buffer + at, step);
      if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) done = 1;
    }
    at += step;
  }
  return done;
}

// An acknowledgement (0) or error of the helper itself, in the kernel's form.
static void answer(const struct nlmsghdr *request, int error) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr body;
  } reply;
  memset(&reply, 0, sizeof reply);
  reply.header.nlmsg_len = sizeof reply;
  reply.header.nlmsg_type = NLMSG_ERROR;
  reply.header.nlmsg_flags = NLM_F_CAPPED;
  reply.header.nlmsg_seq = request->nlmsg_seq;
  reply.body.error = -error;
  reply.body.msg = *request;
  write_all((const uint8_t *)&reply, sizeof reply);
}

// With explanations of errors (NETLINK_EXT_ACK) and without the refused message in them (NETLINK_CAP_ACK).
static int open_socket(int family) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
  if (fd < 0) return -1;
  int room = 1 << 20, on = 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  return fd;
}

// A socket in the namespace whose file is the payload; -1 with errno.
static int open_socket_in(const char *path, int family) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  int failed = setns(file, CLONE_NEWNET);
  int error = errno;
  close(file);
  errno = error;
  return failed ? -1 : open_socket(family);
}

static void open_numbered(char **pairs, int count) {
  for (int i = 0; i + 1 < count; i += 2) {
    uint64_t wanted;
    if (!parse_unsigned(pairs[i], 10, &wanted) || wanted < 100 || wanted > 199) {
      errno = EINVAL;
      ns_fail("open", pairs[i]);
    }
    int fd = open(pairs[i + 1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    if (fd != (int)wanted && (dup3(fd, (int)wanted, O_CLOEXEC) < 0 || close(fd) < 0)) ns_fail("dup3", pairs[i]);
  }
}

static void exchange(int fd, const uint8_t *message, const struct nlmsghdr *header) {
  static uint8_t buffer[1 << 18] __attribute__((aligned(8)));
  if (send(fd, message, header->nlmsg_len, 0) < 0) ns_fail("send", "netlink");
  for (int done = 0; !done;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("recv", "netlink");
    done = relay(buffer, (size_t)n, header->nlmsg_seq);
  }
}

int ns_netlink(int argc, char **argv) {
  uint64_t family;
  if (!parse_unsigned(argv[1], 10, &family) || family > 31) {
    errno = EINVAL;
    ns_fail("socket", argv[1]);
  }
  open_numbered(argv + 3, argc - 3);
  if (argc > 2 && *argv[2]) ns_enter(argv[2], CLONE_NEWNET);
  int fd = open_socket((int)family);
  if (fd < 0) ns_fail("socket", "netlink");
  int fault = 0;
  size_t size;
  uint8_t *messages = read_all(&size);
  for (size_t at = 0; at < size;) {
    struct nlmsghdr header;
    if (size - at < sizeof header) break;
    memcpy(&header, messages + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - at) {
      errno = EINVAL;
      ns_fail("send", "a message of a wrong length");
    }
    if (header.nlmsg_type == NLMSG_NOOP) {
      const char *path = (const char *)messages + at + sizeof header;
      size_t room = header.nlmsg_len - sizeof header;
      if (fd >= 0) close(fd);
      errno = EINVAL;
      fd = memchr(path, 0, room) ? open_socket_in(path, (int)family) : -1;
      fault = fd < 0 ? errno : 0;
      answer(&header, fault);
    } else if (fd < 0) {
      answer(&header, fault);
    } else {
      exchange(fd, messages + at, &header);
    }
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  flush_output();
  free(messages);
  return 0;
}
