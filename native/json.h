// JSON strings as docker's json-file driver writes them. Pure.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Escapes n bytes without quotes; `out` must hold 6 * n. Returns the bytes written.
size_t json_escape(char *out, const uint8_t *in, size_t n);
// RFC 3339 in UTC with the fraction's trailing zeros cut, as Go prints it; `out` must hold 31.
size_t json_time(char *out, struct timespec when);
