// Numbers, hexadecimal bytes and bounded text building. Knows nothing of plans or files.
#include "text.h"

#include <string.h>

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool parse_unsigned(const char *s, unsigned base, uint64_t *value) {
  uint64_t sum = 0;
  if (!*s) return false;
  for (; *s; s++) {
    int d = digit(*s);
    if (d < 0 || (unsigned)d >= base || sum > (UINT64_MAX - (unsigned)d) / base) return false;
    sum = sum * base + (unsigned)d;
  }
  *value = sum;
  return true;
}

bool parse_signed(const char *s, int64_t *value) {
  uint64_t size;
  bool minus = *s == '-';
  if (!parse_unsigned(s + minus, 10, &size) || size > INT64_MAX) return false;
  *value = minus ? -(int64_t)size : (int64_t)size;
  return true;
}

bool parse_bytes(const char *hex, uint8_t *out, size_t size, size_t *used) {
  size_t n = 0;
  for (; hex[0]; hex += 2, n++) {
    int high = digit(hex[0]), low = high < 0 ? -1 : digit(hex[1]);
    if (low < 0 || n == size) return false;
    out[n] = (uint8_t)(high << 4 | low);
  }
  *used = n;
  return true;
}

uint64_t number(const char *s) {
  uint64_t value = 0;
  parse_unsigned(s, 10, &value);
  return value;
}

uint64_t hexadecimal(const char *s) {
  uint64_t value = 0;
  parse_unsigned(s, 16, &value);
  return value;
}

void text_bytes(struct text *t, const char *s, size_t n) {
  size_t room = t->size - t->used - 1;
  if (n > room) n = room;
  memcpy(t->at + t->used, s, n);
  t->used += n;
  t->at[t->used] = 0;
}

void text_add(struct text *t, const char *s) {
  text_bytes(t, s, strlen(s));
}

void text_padded(struct text *t, uint64_t value, unsigned digits) {
  char buffer[20];
  size_t at = sizeof buffer;
  do buffer[--at] = (char)('0' + value % 10);
  while (value /= 10);
  while (sizeof buffer - at < digits) buffer[--at] = '0';
  text_bytes(t, buffer + at, sizeof buffer - at);
}

void text_number(struct text *t, uint64_t value) {
  text_padded(t, value, 1);
}

void text_escaped(struct text *t, const char *s, size_t n) {
  static const char hex[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    char code[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
    if (c == '\n') text_bytes(t, "\\n", 2);
    else if (c == '\\') text_bytes(t, "\\\\", 2);
    else if (c < 0x20 || c == 0x7f) text_bytes(t, code, 4);
    else text_bytes(t, s + i, 1);
  }
}
