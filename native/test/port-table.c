// The table of published ports, and what connection tracking is asked and says.
#include "port-table.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "expect.h"

static struct sockaddr_in6 at(const char *address, uint16_t port) {
  struct sockaddr_in6 result = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  EXPECT(inet_pton(AF_INET6, address, &result.sin6_addr) == 1);
  return result;
}

static uint16_t found(const struct port_run *run, size_t count, uint8_t protocol, const char *address, uint16_t port) {
  const struct sockaddr_in6 asked = at(address, port);
  return port_find(run, count, protocol, &asked);
}

#define ANY "00000000000000000000000000000000"

static void runs(void) {
  struct port_run run[3];
  EXPECT(port_run_parse("06001f901f900050" ANY, &run[0]));
  EXPECT(port_run_parse("0600232827102328" "00000000000000000000000000000001", &run[1]));
  EXPECT(port_run_parse("1100232827102328" ANY, &run[2]));
  EXPECT(found(run, 3, 6, "fd00::1", 8080) == 80);
  EXPECT(found(run, 3, 6, "fd00::1", 8081) == 0);
  EXPECT(found(run, 3, 17, "fd00::1", 8080) == 0);
  EXPECT(found(run, 3, 6, "::1", 9000) == 9000 && found(run, 3, 6, "::1", 10000) == 10000);
  EXPECT(found(run, 3, 6, "::1", 10001) == 0 && found(run, 3, 6, "::1", 8999) == 0);
  EXPECT(found(run, 3, 6, "::2", 9000) == 0);
  EXPECT(found(run, 3, 17, "::2", 9500) == 9500);
  EXPECT(found(run, 0, 6, "::2", 9500) == 0);
}

static void bad_runs(void) {
  struct port_run run;
  EXPECT(!port_run_parse("", &run));
  EXPECT(!port_run_parse("06001f901f900050", &run));
  EXPECT(!port_run_parse("06001f901f900050" ANY "00", &run));
  EXPECT(!port_run_parse("84001f901f900050" ANY, &run));  // sctp
  EXPECT(!port_run_parse("06011f901f900050" ANY, &run));
  EXPECT(!port_run_parse("0600000000010050" ANY, &run));
  EXPECT(!port_run_parse("06001f901f900000" ANY, &run));
  EXPECT(!port_run_parse("06001f911f900050" ANY, &run));
  EXPECT(!port_run_parse("06000001ffff0002" ANY, &run));  // would pass 65535
  EXPECT(port_run_parse("06000001fffe0002" ANY, &run));
}

// What the kernel answers a question with: its own tuples; made of the question, whose tuple has the addresses the other way round.
static size_t answered(uint8_t *out, const struct sockaddr_in6 *client, const struct sockaddr_in6 *asked) {
  size_t size = port_question(out, client, asked);
  struct nlmsghdr head;
  uint16_t type = CTA_TUPLE_ORIG | NLA_F_NESTED;
  memcpy(&head, out, sizeof head);
  EXPECT(head.nlmsg_len == size && head.nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET));
  head.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
  memcpy(out, &head, sizeof head);
  memcpy(out + NLMSG_HDRLEN + sizeof(struct nfgenmsg) + 2, &type, sizeof type);
  return size;
}

static void answers(void) {
  const struct sockaddr_in6 client = at("fd00::7", 40000), asked = at("fd00::1", 8080);
  uint8_t message[PORT_QUESTION_BYTES];
  struct sockaddr_in6 said;
  size_t size = answered(message, &client, &asked);
  EXPECT(size <= PORT_QUESTION_BYTES);
  EXPECT(port_answer(message, size, &said));
  EXPECT(said.sin6_port == asked.sin6_port && !memcmp(&said.sin6_addr, &asked.sin6_addr, sizeof said.sin6_addr));
  // Cut anywhere it says nothing, and nothing behind its end is read.
  for (size_t cut = 0; cut < size; cut++) {
    uint8_t *piece = malloc(cut ? cut : 1);
    memcpy(piece, message, cut);
    EXPECT(!port_answer(piece, cut, &said));
    free(piece);
  }
  // No byte of it leads outside.
  for (size_t i = 0; i < size; i++) {
    uint8_t *copy = malloc(size);
    for (unsigned value = 0; value < 256; value += 5) {
      memcpy(copy, message, size);
      copy[i] = (uint8_t)value;
      port_answer(copy, size, &said);
    }
    free(copy);
  }
  // An error instead of an answer.
  struct nlmsghdr head;
  memcpy(&head, message, sizeof head);
  head.nlmsg_type = NLMSG_ERROR;
  memcpy(message, &head, sizeof head);
  EXPECT(!port_answer(message, size, &said));
}

int main(void) {
  runs();
  bad_runs();
  answers();
  return done();
}
