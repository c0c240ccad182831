// Reads records word by word. Knows their form, no operation.
#include "tree-record.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "text.h"

_Noreturn void malformed(const char *what) {
  fprintf(stderr, "malformed input: %s\n", what);
  exit(2);
}

// One NUL-terminated word; false at the end of input.
static bool read_word(char **word, size_t *capacity) {
  ssize_t length = getdelim(word, capacity, 0, stdin);
  if (length < 0 && ferror(stdin)) malformed("read error");
  if (length < 0) return false;
  if (length == 0 || (*word)[length - 1] != 0) malformed("a word without end");
  return true;
}

uint64_t decimal(const char *text) {
  uint64_t value;
  if (!parse_unsigned(text, 10, &value)) malformed("a number was expected");
  return value;
}

int64_t signed_decimal(const char *text) {
  return *text == '-' ? -(int64_t)decimal(text + 1) : (int64_t)decimal(text);
}

bool record_read(struct record *r) {
  static char *word;
  static size_t capacity;
  if (!read_word(&word, &capacity)) return false;
  uint64_t count = decimal(word);
  if (count < 1 || count > RECORD_PARTS) malformed("count");
  r->count = (int)count;
  for (int i = 0; i < r->count; i++)
    if (!read_word(&r->part[i], &r->capacity[i])) malformed("a record ends early");
  return true;
}

void record_free(struct record *r) {
  for (int i = 0; i < RECORD_PARTS; i++) free(r->part[i]);
}
