// Sends netlink messages that were encoded elsewhere and waits for their acknowledgements.
#include "netlink.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

int op_netlink_socket(struct context *c, char **arg, size_t count) {
  (void)count;
  int on = 1, wanted = (int)number(arg[0]), fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return fail(c, "socket", arg[0]);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  int result = dup3(fd, wanted, O_CLOEXEC);
  if (result < 0) fail(c, "dup3", arg[0]);
  close(fd);
  return result < 0 ? -1 : 0;
}

// The kernel's own words about an error (NLMSGERR_ATTR_MSG), if it gave any.
static const char *explanation(struct context *c, const struct nlmsghdr *head) {
  const char *at = (const char *)head + NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nlmsgerr)), *end = (const char *)head + head->nlmsg_len;
  struct text t = {c->failure.text, sizeof c->failure.text, 0};
  text_add(&t, "");
  if (!(head->nlmsg_flags & NLM_F_ACK_TLVS)) return c->failure.text;
  while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
    struct nlattr attr;
    memcpy(&attr, at, sizeof attr);
    if (attr.nla_len < NLA_HDRLEN || attr.nla_len > end - at) break;
    if ((attr.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
      text_bytes(&t, at + NLA_HDRLEN, strnlen(at + NLA_HDRLEN, attr.nla_len - (size_t)NLA_HDRLEN));
    at += NLA_ALIGN(attr.nla_len);
  }
  return c->failure.text;
}

// Netfilter's messages stand in a batch, the ends of which only newer kernels acknowledge.
static bool is_batch(int fd) {
  int protocol = 0;
  socklen_t size = sizeof protocol;
  return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) && protocol == NETLINK_NETFILTER;
}

static bool ends_batch(unsigned type) {
  return type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END;
}

// Messages in the buffer that are to be acknowledged; 0 when they are malformed.
static size_t prepare(uint8_t *at, size_t size, bool batch) {
  size_t messages = 0;
  while (size) {
    struct nlmsghdr head;
    if (size < sizeof head) return 0;
    memcpy(&head, at, sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > size) return 0;
    bool asked = !batch || !ends_batch(head.nlmsg_type);
    head.nlmsg_flags = (uint16_t)(asked ? head.nlmsg_flags | NLM_F_ACK : head.nlmsg_flags & ~NLM_F_ACK);
    memcpy(at, &head, sizeof head);
    size_t whole = NLMSG_ALIGN(head.nlmsg_len);
    if (whole > size) whole = size;
    at += whole;
    size -= whole;
    messages += asked;
  }
  return messages;
}

static int take_acks(struct context *c, int fd, size_t messages, bool batch) {
  _Alignas(8) char buffer[8192];
  int result = 0;
  while (messages) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(c, "recv", "netlink");
    const struct nlmsghdr *head;
    for (size_t at = 0; at + sizeof *head <= (size_t)n; at += NLMSG_ALIGN(head->nlmsg_len)) {
      head = (const void *)(buffer + at);
      if (head->nlmsg_len < sizeof *head || head->nlmsg_len > (size_t)n - at) break;
      if (head->nlmsg_type != NLMSG_ERROR || head->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) continue;
      const struct nlmsgerr *answer = NLMSG_DATA(head);
      if (answer->error && !result) {
        errno = -answer->error;
        result = fail(c, "netlink", explanation(c, head));
      }
      // What is said of the batch itself is all that is said.
      if (batch && ends_batch(answer->msg.nlmsg_type)) messages = 0;
      if (messages) messages--;
    }
  }
  return result;
}

int netlink_perform(struct context *c, int fd, const char *hex) {
  size_t size = strlen(hex) / 2, used = 0;
  uint8_t *message = map_memory(size);
  if (!message) return fail(c, "mmap", "netlink");
  bool batch = is_batch(fd);
  size_t messages = parse_bytes(hex, message, size, &used) ? prepare(message, used, batch) : 0;
  int result = 0;
  if (!messages) errno = EINVAL, result = fail(c, "parse", "malformed message");
  else if (send(fd, message, used, MSG_NOSIGNAL) < 0) result = fail(c, "send", "netlink");
  unmap_memory(message, size);
  return result ? result : take_acks(c, fd, messages, batch);
}

int op_netlink(struct context *c, char **arg, size_t count) {
  (void)count;
  return netlink_perform(c, (int)number(arg[0]), arg[1]);
}
