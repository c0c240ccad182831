// Detach keys: whole, split over reads, half typed, and sequences that begin within themselves.
#include "detach.h"

#include "expect.h"

// Types `in` in pieces of `step` bytes; what was let through is in `out`.
static bool types(const char *keys, const char *in, size_t step, char *out, size_t *used) {
  struct detach d = {.count = strlen(keys)};
  size_t n = strlen(in);
  bool found = false;
  memcpy(d.key, keys, d.count);
  *used = 0;
  for (size_t at = 0; at < n && !found; at += step) {
    size_t piece = n - at < step ? n - at : step;
    uint8_t *exact = malloc(piece), *room = malloc(piece + DETACH_KEYS);
    memcpy(exact, in + at, piece);
    size_t got = detach_filter(&d, exact, piece, room, &found);
    EXPECT(got <= piece + DETACH_KEYS);
    memcpy(out + *used, room, got);
    *used += got;
    free(exact);
    free(room);
  }
  return found;
}

static void expects(const char *keys, const char *in, bool found, const char *through) {
  char out[256];
  size_t used;
  for (size_t step = 1; step <= strlen(in) + 1; step++) {
    EXPECT(types(keys, in, step, out, &used) == found);
    EXPECT(used == strlen(through) && !memcmp(out, through, used));
  }
}

int main(void) {
  expects("\x10\x11", "hello", false, "hello");
  expects("\x10\x11", "ab\x10\x11" "cd", true, "ab");
  expects("\x10\x11", "\x10x", false, "\x10x");
  expects("\x10\x11", "\x10\x10\x11", true, "\x10");
  expects("\x10\x11", "a\x10", false, "a");
  expects("\x10\x11", "\x11\x10", false, "\x11");
  expects("a", "xyza", true, "xyz");
  expects("", "a\x10\x11", false, "a\x10\x11");
  expects("aab", "aaab", true, "a");
  expects("abab", "abaabab", true, "aba");
  expects("0123456789abcdef", "00123456789abcdef", true, "0");
  expects("0123456789abcdef", "0123456789abcde.", false, "0123456789abcde.");
  return done();
}
