// The table of published ports, and ctnetlink's messages (linux/netfilter/nfnetlink_conntrack.h): a flow is asked for by the addresses of its
// answers, which the relay knows, and told with those of its questions. Pure.
#include "port-table.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <string.h>

#include "text.h"

bool port_run_parse(const char *hex, struct port_run *run) {
  uint8_t bytes[PORT_RUN_BYTES];
  size_t used;
  if (!parse_bytes(hex, bytes, sizeof bytes, &used) || used != sizeof bytes) return false;
  *run = (struct port_run){
      .protocol = bytes[0],
      .from = (uint16_t)(bytes[2] << 8 | bytes[3]),
      .to = (uint16_t)(bytes[4] << 8 | bytes[5]),
      .first = (uint16_t)(bytes[6] << 8 | bytes[7]),
  };
  memcpy(&run->address, bytes + 8, sizeof run->address);
  return (run->protocol == IPPROTO_TCP || run->protocol == IPPROTO_UDP) && !bytes[1] && run->from && run->first && run->to >= run->from &&
         run->to - run->from <= 65535 - run->first;
}

uint16_t port_find(const struct port_run *run, size_t count, uint8_t protocol, const struct sockaddr_in6 *asked) {
  uint16_t port = ntohs(asked->sin6_port);
  for (size_t i = 0; i < count; i++) {
    if (run[i].protocol != protocol || port < run[i].from || port > run[i].to) continue;
    if (!IN6_IS_ADDR_UNSPECIFIED(&run[i].address) && memcmp(&run[i].address, &asked->sin6_addr, sizeof asked->sin6_addr)) continue;
    return (uint16_t)(run[i].first + (port - run[i].from));
  }
  return 0;
}

// An attribute behind what is in `out`; returns where it begins.
static size_t add(uint8_t *out, size_t *used, unsigned type, const void *data, size_t size) {
  size_t at = *used;
  struct nlattr head = {.nla_len = (uint16_t)(NLA_HDRLEN + size), .nla_type = (uint16_t)type};
  memcpy(out + at, &head, sizeof head);
  if (size) memcpy(out + at + NLA_HDRLEN, data, size);
  *used = at + NLA_ALIGN(NLA_HDRLEN + size);
  return at;
}

// The attribute at `at` holds all that follows it.
static void close_nest(uint8_t *out, size_t used, size_t at) {
  uint16_t size = (uint16_t)(used - at);
  memcpy(out + at, &size, sizeof size);
}

size_t port_question(uint8_t out[PORT_QUESTION_BYTES], const struct sockaddr_in6 *own, const struct sockaddr_in6 *client) {
  struct nlmsghdr head = {.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, .nlmsg_flags = NLM_F_REQUEST};
  const struct nfgenmsg family = {.nfgen_family = AF_INET6, .version = NFNETLINK_V0};
  const uint8_t udp = IPPROTO_UDP;
  size_t used = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof family);
  memset(out, 0, PORT_QUESTION_BYTES);
  memcpy(out + NLMSG_HDRLEN, &family, sizeof family);
  size_t tuple = add(out, &used, CTA_TUPLE_REPLY | NLA_F_NESTED, NULL, 0);
  size_t ip = add(out, &used, CTA_TUPLE_IP | NLA_F_NESTED, NULL, 0);
  add(out, &used, CTA_IP_V6_SRC, &own->sin6_addr, sizeof own->sin6_addr);
  add(out, &used, CTA_IP_V6_DST, &client->sin6_addr, sizeof client->sin6_addr);
  close_nest(out, used, ip);
  size_t protocol = add(out, &used, CTA_TUPLE_PROTO | NLA_F_NESTED, NULL, 0);
  add(out, &used, CTA_PROTO_NUM, &udp, sizeof udp);
  add(out, &used, CTA_PROTO_SRC_PORT, &own->sin6_port, sizeof own->sin6_port);
  add(out, &used, CTA_PROTO_DST_PORT, &client->sin6_port, sizeof client->sin6_port);
  close_nest(out, used, protocol);
  close_nest(out, used, tuple);
  head.nlmsg_len = (uint32_t)used;
  memcpy(out, &head, sizeof head);
  return used;
}

// The payload of the attribute `type` among these; NULL: it is not there.
static const uint8_t *find(const uint8_t *at, size_t size, unsigned type, size_t *found) {
  while (size >= NLA_HDRLEN) {
    struct nlattr head;
    memcpy(&head, at, sizeof head);
    if (head.nla_len < NLA_HDRLEN || head.nla_len > size) return NULL;
    if ((head.nla_type & NLA_TYPE_MASK) == type) return *found = head.nla_len - (size_t)NLA_HDRLEN, at + NLA_HDRLEN;
    size_t whole = NLA_ALIGN(head.nla_len);
    if (whole > size) return NULL;
    at += whole;
    size -= whole;
  }
  return NULL;
}

bool port_answer(const uint8_t *answer, size_t size, struct sockaddr_in6 *asked) {
  const size_t start = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
  struct nlmsghdr head;
  size_t tuple_size, inner_size, n;
  if (size < start) return false;
  memcpy(&head, answer, sizeof head);
  if (head.nlmsg_len < start || head.nlmsg_len > size || head.nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW)) return false;
  const uint8_t *tuple = find(answer + start, head.nlmsg_len - start, CTA_TUPLE_ORIG, &tuple_size);
  if (!tuple) return false;
  *asked = (struct sockaddr_in6){.sin6_family = AF_INET6};
  const uint8_t *ip = find(tuple, tuple_size, CTA_TUPLE_IP, &inner_size), *value = ip ? find(ip, inner_size, CTA_IP_V6_DST, &n) : NULL;
  if (!value || n != sizeof asked->sin6_addr) return false;
  memcpy(&asked->sin6_addr, value, n);
  const uint8_t *protocol = find(tuple, tuple_size, CTA_TUPLE_PROTO, &inner_size);
  value = protocol ? find(protocol, inner_size, CTA_PROTO_DST_PORT, &n) : NULL;
  if (!value || n != sizeof asked->sin6_port) return false;
  memcpy(&asked->sin6_port, value, n);
  return true;
}
