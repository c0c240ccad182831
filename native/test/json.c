// JSON escaping and times against texts made by Go's encoding/json and time packages.
#include "json.h"

#include <stdint.h>

#include "expect.h"

static void escapes(const char *in, size_t n, const char *wanted) {
  // Every alignment, and an exactly fitting buffer each time: the fast path reads words.
  for (size_t shift = 0; shift < 9; shift++) {
    uint8_t *from = malloc(n + shift + 1);
    char *to = malloc(6 * (n + shift) + 1);
    memset(from, 'x', shift);
    memcpy(from + shift, in, n);
    size_t used = json_escape(to, from, n + shift);
    EXPECT(used == strlen(wanted) + shift);
    EXPECT(!memcmp(to + shift, wanted, strlen(wanted)));
    free(from);
    free(to);
  }
}
#define ESCAPES(in, wanted) escapes(in, sizeof(in) - 1, wanted)

static void time_is(int64_t seconds, long nanoseconds, const char *wanted) {
  char out[32];
  size_t n = json_time(out, (struct timespec){seconds, nanoseconds});
  EXPECT(n == strlen(wanted) && !memcmp(out, wanted, n));
}

// Any bytes: the output is shorter than promised, and holds no byte that JSON forbids in a string.
static void survives_anything(void) {
  unsigned seed = 7;
  uint8_t in[300];
  char out[6 * sizeof in];
  for (int round = 0; round < 5000; round++) {
    size_t n = (size_t)(round % 300);
    for (size_t i = 0; i < n; i++) in[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
    size_t used = json_escape(out, in, n);
    EXPECT(used <= 6 * n);
    for (size_t i = 0; i < used; i++) EXPECT((uint8_t)out[i] >= 0x20 && out[i] != '<' && (out[i] != '"' || out[i - 1] == '\\'));
  }
}

int main(void) {
  ESCAPES("", "");
  ESCAPES("plain text, longer than two words of eight bytes", "plain text, longer than two words of eight bytes");
  ESCAPES("a\"b\\c\nd\re\tf", "a\\\"b\\\\c\\nd\\re\\u0009f");
  ESCAPES("<b>&amp;</b>", "\\u003cb\\u003e\\u0026amp;\\u003c/b\\u003e");
  ESCAPES("\0\x01\x1b\x1f\x7f", "\\u0000\\u0001\\u001b\\u001f\x7f");
  ESCAPES("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  ESCAPES("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\\u2028\\u2029\xe2\x80\xaa");
  ESCAPES("\xff\xfe", "\\ufffd\\ufffd");
  ESCAPES("\xc0\xaf", "\\ufffd\\ufffd");                  // overlong
  ESCAPES("\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd");       // overlong
  ESCAPES("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd");       // surrogate
  ESCAPES("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
  ESCAPES("\xf0\x9f\x98", "\\ufffd\\ufffd\\ufffd");       // cut off
  ESCAPES("\xc3(", "\\ufffd(");
  ESCAPES("\xef\xbf\xbd", "\xef\xbf\xbd");
  time_is(0, 0, "1970-01-01T00:00:00Z");
  time_is(951782399, 120000000, "2000-02-28T23:59:59.12Z");
  time_is(951782400, 1, "2000-02-29T00:00:00.000000001Z");
  time_is(1709251199, 999999999, "2024-02-29T23:59:59.999999999Z");
  time_is(1735689599, 500, "2024-12-31T23:59:59.0000005Z");
  time_is(4102444800, 0, "2100-01-01T00:00:00Z");
  survives_anything();
  return done();
}
