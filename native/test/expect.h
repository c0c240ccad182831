// Assertions of the C tests: each prints what failed and ends the program; `done` prints the count.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned expectations;

#define EXPECT(condition)                                                       \
  do {                                                                          \
    expectations++;                                                             \
    if (!(condition)) {                                                         \
      printf("%s:%d: expected %s\n", __FILE__, __LINE__, #condition);           \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

// Compares bytes with a string literal and shows both.
#define EXPECT_BYTES(data, size, wanted)                                                                      \
  do {                                                                                                        \
    expectations++;                                                                                           \
    if ((size) != sizeof(wanted) - 1 || memcmp((data), (wanted), (size))) {                                   \
      printf("%s:%d: expected %s, got %.*s\n", __FILE__, __LINE__, #wanted, (int)(size), (const char *)(data)); \
      exit(1);                                                                                                \
    }                                                                                                         \
  } while (0)

static inline int done(void) {
  printf("%u expectations\n", expectations);
  return 0;
}
