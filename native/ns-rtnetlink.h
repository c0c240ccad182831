// Questions to rtnetlink and their answers, attribute by attribute: what `ports` asks of links, addresses and namespaces.
#pragma once
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TYPES 64  // attributes beyond are not looked at

// The attributes of one message or of one attribute by their type; NULL: it has none such.
struct attributes {
  const struct nlattr *of[TYPES];
};
void sort_attributes(struct attributes *table, const uint8_t *at, size_t size);
void sort_nested(struct attributes *table, const struct nlattr *a);

// What an attribute holds; nothing, 0 or false for NULL.
size_t payload(const struct nlattr *a);
const char *start(const struct nlattr *a);
uint32_t value_of(const struct nlattr *a);
bool is_text(const struct nlattr *a, const char *word);

struct question {
  struct nlmsghdr header;
  union {
    struct ifinfomsg link;
    struct ifaddrmsg address;
    struct rtgenmsg any;
    uint8_t bytes[16];
  } body;
  uint8_t attributes[32];
};
// A question with `body` bytes of zero behind its header.
void ask_for(struct question *q, uint16_t type, uint16_t flags, size_t body);
void add_number(struct question *q, uint16_t type, uint32_t value);
// Calls `hear` for every message of the answer. Returns the error, 0 without.
int ask(int fd, const struct question *q, void (*hear)(const struct nlmsghdr *, int32_t), int32_t nsid);
// Of this network namespace.
int open_rtnetlink(void);
