// Recognises the detach keys in what is typed. Knows no terminal.
#include "detach.h"

#include <string.h>

// After `matched` keys and then `next`: lets go of the oldest bytes until what remains is again a beginning of the sequence.
static size_t step(struct detach *d, uint8_t next, uint8_t *out) {
  uint8_t held[DETACH_KEYS + 1];
  size_t n = d->matched, gone = 0;
  memcpy(held, d->key, n);
  held[n++] = next;
  while (gone < n && memcmp(held + gone, d->key, n - gone)) {
    *out++ = held[gone];
    gone++;
  }
  d->matched = n - gone;
  return gone;
}

size_t detach_filter(struct detach *d, const uint8_t *in, size_t n, uint8_t *out, bool *found) {
  size_t used = 0;
  *found = false;
  if (!d->count) {
    memcpy(out, in, n);
    return n;
  }
  for (size_t i = 0; i < n && !*found; i++) {
    used += step(d, in[i], out + used);
    *found = d->matched == d->count;
  }
  if (*found) d->matched = 0;
  return used;
}
