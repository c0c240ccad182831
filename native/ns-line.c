// Lines of fields with tabs between, collected and written in large pieces.
#include "ns-line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ns.h"

static char out_bytes[1 << 16];
struct text out = {out_bytes, sizeof out_bytes, 0};

void flush_lines(void) {
  const char *at = out_bytes;
  while (out.used > 0) {
    ssize_t n = write(1, at, out.used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("write", "standard output");
    at += n;
    out.used -= (size_t)n;
  }
}

// A line is far shorter than the room that is kept.
void begin(const char *kind) {
  if (out.used > sizeof out_bytes - 24576) flush_lines();
  text_add(&out, kind);
}

void field(uint64_t value) {
  text_bytes(&out, "\t", 1);
  text_number(&out, value);
}

void signed_field(int64_t value) {
  text_add(&out, value < 0 ? "\t-" : "\t");
  text_number(&out, (uint64_t)(value < 0 ? -value : value));
}

void text_field(const char *s, size_t size) {
  text_bytes(&out, "\t", 1);
  text_escaped(&out, s, strnlen(s, size));
}
