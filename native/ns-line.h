// Lines of fields with tabs between for standard output; who begins a line ends it with text_add(&out, "\n").
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "text.h"

extern struct text out;
void flush_lines(void);
// The first word of a line; makes room for 24 KiB.
void begin(const char *kind);
void field(uint64_t value);
void signed_field(int64_t value);
// At most `size` bytes up to a NUL, control bytes escaped.
void text_field(const char *s, size_t size);
