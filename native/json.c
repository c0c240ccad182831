// JSON strings and times in the form of docker's json-file logs (Go's encoding: <, >, & and U+2028/9 escaped, broken
// UTF-8 as \ufffd per byte). Knows nothing of lines, streams or files.
#include "json.h"

#include <stdbool.h>
#include <string.h>

#define ONES 0x0101010101010101ull
#define HIGH 0x8080808080808080ull

// Bytes of `word` below 0x20, above 0x7f or equal to one of " & < > \ are marked (a rare false mark only costs time).
static uint64_t special(uint64_t word) {
#define SAME(c) ((((word ^ (ONES * (c))) - ONES) & ~(word ^ (ONES * (c)))))
  uint64_t low = (word - ONES * 0x20) & ~word;
  return (low | word | SAME('"') | SAME('&') | SAME('<') | SAME('>') | SAME('\\')) & HIGH;
#undef SAME
}

static bool plain(uint8_t c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '&' && c != '<' && c != '>' && c != '\\';
}

// Length of the UTF-8 sequence at `s`, 0 when there is none (overlong forms, surrogates and values past U+10FFFF are none).
static size_t sequence(const uint8_t *s, size_t n) {
  uint8_t low = 0x80, high = 0xbf;
  size_t length = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
  if (!length || length > n) return 0;
  if (s[0] == 0xe0) low = 0xa0;
  if (s[0] == 0xed) high = 0x9f;
  if (s[0] == 0xf0) low = 0x90;
  if (s[0] == 0xf4) high = 0x8f;
  if (s[1] < low || s[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  return length;
}

static char *escape_ascii(char *out, uint8_t c) {
  static const char hex[] = "0123456789abcdef";
  *out++ = '\\';
  if (c == '"' || c == '\\') *out++ = (char)c;
  else if (c == '\n') *out++ = 'n';
  else if (c == '\r') *out++ = 'r';
  else {
    memcpy(out, "u00", 3);
    out[3] = hex[c >> 4];
    out[4] = hex[c & 15];
    out += 5;
  }
  return out;
}

static char *escape_wide(char *out, const uint8_t *in, size_t length) {
  if (!length) {
    memcpy(out, "\\ufffd", 6);
    return out + 6;
  }
  if (length == 3 && in[0] == 0xe2 && in[1] == 0x80 && (in[2] & 0xfe) == 0xa8) {
    memcpy(out, "\\u202", 5);
    out[5] = in[2] == 0xa8 ? '8' : '9';
    return out + 6;
  }
  memcpy(out, in, length);
  return out + length;
}

size_t json_escape(char *out, const uint8_t *in, size_t n) {
  char *start = out;
  size_t i = 0;
  while (i < n) {
    uint64_t word;
    while (i + 8 <= n) {
      memcpy(&word, in + i, 8);
      if (special(word)) break;
      memcpy(out, &word, 8);
      i += 8;
      out += 8;
    }
    for (size_t run = 0; i < n && run < 8 && plain(in[i]); run++) *out++ = (char)in[i++];
    if (i == n || plain(in[i])) continue;
    if (in[i] < 0x80) {
      out = escape_ascii(out, in[i++]);
    } else {
      size_t length = sequence(in + i, n - i);
      out = escape_wide(out, in + i, length);
      i += length ? length : 1;
    }
  }
  return (size_t)(out - start);
}

static char *digits(char *out, unsigned value, unsigned count) {
  for (unsigned i = count; i--; value /= 10) out[i] = (char)('0' + value % 10);
  return out + count;
}

size_t json_time(char *out, struct timespec when) {
  // Days to civil date: eras of 400 years beginning in March, so that the leap day ends a year.
  int64_t seconds = when.tv_sec, days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) rest += 86400, days--;
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  unsigned of_era = (unsigned)(days - era * 146097);
  unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  unsigned shifted = (5 * of_year + 2) / 153;
  unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  char *at = digits(out, (unsigned)(era * 400) + year + (month <= 2), 4);
  *at++ = '-';
  at = digits(at, month, 2);
  *at++ = '-';
  at = digits(at, of_year - (153 * shifted + 2) / 5 + 1, 2);
  *at++ = 'T';
  at = digits(at, (unsigned)rest / 3600, 2);
  *at++ = ':';
  at = digits(at, (unsigned)rest / 60 % 60, 2);
  *at++ = ':';
  at = digits(at, (unsigned)rest % 60, 2);
  if (when.tv_nsec) {
    *at++ = '.';
    at = digits(at, (unsigned)when.tv_nsec, 9);
    while (at[-1] == '0') at--;
  }
  *at++ = 'Z';
  return (size_t)(at - out);
}
