// Messages of rtnetlink taken apart and put together, one question at a time. Knows nothing of what is asked. rtnetlink(7), netlink(7).
#include "ns-rtnetlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ns.h"

void sort_attributes(struct attributes *table, const uint8_t *at, size_t size) {
  memset(table, 0, sizeof *table);
  while (size >= NLA_HDRLEN) {
    const struct nlattr *a = (const struct nlattr *)(const void *)at;
    if (a->nla_len < NLA_HDRLEN || a->nla_len > size) return;
    if ((a->nla_type & NLA_TYPE_MASK) < TYPES) table->of[a->nla_type & NLA_TYPE_MASK] = a;
    size_t step = NLA_ALIGN(a->nla_len);
    if (step > size) return;
    at += step;
    size -= step;
  }
}

void sort_nested(struct attributes *table, const struct nlattr *a) {
  const uint8_t *at = (const uint8_t *)a;
  sort_attributes(table, a ? at + NLA_HDRLEN : at, a ? a->nla_len - (size_t)NLA_HDRLEN : 0);
}

size_t payload(const struct nlattr *a) { return a ? a->nla_len - (size_t)NLA_HDRLEN : 0; }
const char *start(const struct nlattr *a) { return (const char *)a + NLA_HDRLEN; }

uint32_t value_of(const struct nlattr *a) {
  uint32_t value = 0;
  if (a) memcpy(&value, start(a), payload(a) < 4 ? payload(a) : 4);  // little-endian, or 4 bytes
  return value;
}

bool is_text(const struct nlattr *a, const char *word) {
  return a && payload(a) > strlen(word) && !memcmp(start(a), word, strlen(word) + 1);
}

void ask_for(struct question *q, uint16_t type, uint16_t flags, size_t body) {
  static uint32_t sequence;
  memset(q, 0, sizeof *q);
  q->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
  q->header.nlmsg_type = type;
  q->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  q->header.nlmsg_seq = ++sequence;
}

void add_number(struct question *q, uint16_t type, uint32_t value) {
  struct nlattr *a = (struct nlattr *)(void *)((uint8_t *)q + q->header.nlmsg_len);
  a->nla_len = NLA_HDRLEN + 4;
  a->nla_type = type;
  memcpy((uint8_t *)a + NLA_HDRLEN, &value, 4);
  q->header.nlmsg_len += NLA_HDRLEN + 4;
}

int ask(int fd, const struct question *q, void (*hear)(const struct nlmsghdr *, int32_t), int32_t nsid) {
  static uint8_t buffer[1 << 18] __attribute__((aligned(8)));
  if (send(fd, q, q->header.nlmsg_len, 0) < 0) ns_fail("send", "netlink");
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("recv", "netlink");
    size_t left = (size_t)n;
    for (const struct nlmsghdr *h = (const void *)buffer; left >= sizeof *h && h->nlmsg_len >= sizeof *h && h->nlmsg_len <= left;) {
      if (h->nlmsg_seq == q->header.nlmsg_seq) {
        int32_t error = 0;
        bool over = h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
        if (over && h->nlmsg_len >= NLMSG_LENGTH(4)) memcpy(&error, NLMSG_DATA(h), 4);
        if (over) return -error;
        hear(h, nsid);
        if (!(h->nlmsg_flags & NLM_F_MULTI) && !(q->header.nlmsg_flags & NLM_F_ACK)) return 0;
      }
      size_t step = NLMSG_ALIGN(h->nlmsg_len);
      if (step >= left) break;
      left -= step;
      h = (const void *)((const uint8_t *)h + step);
    }
  }
}

int open_rtnetlink(void) {
  int on = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) ns_fail("socket", "netlink");
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  return fd;
}
