// Which published ports lead where, and what the kernel's connection tracking says of a datagram's way. Pure.
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Ports in a row: `from` to `to` of the host lead to `first` and the following ones of the container.
struct port_run {
  uint8_t protocol;  // IPPROTO_TCP, IPPROTO_UDP
  uint16_t from, to, first;
  struct in6_addr address;  // of the host; all zero: every one
};

#define PORT_RUN_BYTES 24

// `hex`: u8 protocol, u8 0, u16 from, u16 to, u16 first (big endian), 16 bytes of the address. False when it is not that.
bool port_run_parse(const char *hex, struct port_run *run);
// The container's port for what was asked of the host; 0: it is not published.
uint16_t port_find(const struct port_run *run, size_t count, uint8_t protocol, const struct sockaddr_in6 *asked);

#define PORT_QUESTION_BYTES 128
// A question to NETLINK_NETFILTER: of whom did `client` ask what came to `own` by UDP? Returns its size.
size_t port_question(uint8_t out[PORT_QUESTION_BYTES], const struct sockaddr_in6 *own, const struct sockaddr_in6 *client);
// The original destination in the answer; false when it says none.
bool port_answer(const uint8_t *answer, size_t size, struct sockaddr_in6 *asked);
