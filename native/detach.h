// Recognises the detach keys in what is typed. Pure.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DETACH_KEYS 16

struct detach {
  uint8_t key[DETACH_KEYS];
  size_t count, matched;
};

// Copies `in` to `out` (room for n + DETACH_KEYS) but for the detach keys; a beginning of them is held back until it is
// clear what it is. Stops after the whole sequence and sets `found`. Returns the bytes in `out`.
size_t detach_filter(struct detach *d, const uint8_t *in, size_t n, uint8_t *out, bool *found);
