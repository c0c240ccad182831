// Numbers, hexadecimal bytes and bounded text building, without stdio or locale. Pure.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool parse_unsigned(const char *s, unsigned base, uint64_t *value);
bool parse_signed(const char *s, int64_t *value);
// Writes at most `size` bytes; false when a digit is wrong, the count is odd or the bytes do not fit.
bool parse_bytes(const char *hex, uint8_t *out, size_t size, size_t *used);
// For arguments the operation table has already checked.
uint64_t number(const char *s);
uint64_t hexadecimal(const char *s);

// Text that stops at `size` - 1 bytes and is always terminated.
struct text {
  char *at;
  size_t size, used;
};
void text_bytes(struct text *t, const char *s, size_t n);
void text_add(struct text *t, const char *s);
void text_number(struct text *t, uint64_t value);
void text_padded(struct text *t, uint64_t value, unsigned digits);
// Control bytes and backslash as \n, \\ or \xHH, so that the text stays one line.
void text_escaped(struct text *t, const char *s, size_t n);

const char *errno_name(int error);
