// Records `<count>\0<name>\0<arg>\0...` of standard input, count being 1 + the number of arguments.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_PARTS 8

struct record {
  int count;
  char *part[RECORD_PARTS];  // part[0] is the name
  size_t capacity[RECORD_PARTS];
};

// Says on standard error what is wrong with the input and exits with 2.
_Noreturn void malformed(const char *what);
// False at the end of input.
bool record_read(struct record *r);
void record_free(struct record *r);
// A part as a number; another text is malformed input.
uint64_t decimal(const char *text);
int64_t signed_decimal(const char *text);
