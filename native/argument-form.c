// What the arguments of an operation look like. Pure.
#include "argument-form.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

static const char hexadecimal_digits[] = "0123456789abcdefABCDEF";

static bool hexadecimal_bytes(const char *s) {
  size_t n = strspn(s, hexadecimal_digits);
  return n && n % 2 == 0 && !s[n];
}

static const char *argument_fault(char form, const char *arg) {
  uint64_t value;
  int64_t whole;
  switch (form) {
    case 'd': return parse_unsigned(arg, 10, &value) ? NULL : "an argument is not a decimal number";
    case 'i': return parse_signed(arg, &whole) ? NULL : "an argument is not a decimal number";
    case 'o': return parse_unsigned(arg, 8, &value) ? NULL : "an argument is not an octal number";
    case 'x': return parse_unsigned(arg, 16, &value) ? NULL : "an argument is not a hexadecimal number";
    case 'm': return *arg && !arg[strspn(arg, hexadecimal_digits)] ? NULL : "an argument is not a hexadecimal number";
    case 'b': return hexadecimal_bytes(arg) ? NULL : "an argument is not hexadecimal bytes";
    case 'f':
      return parse_unsigned(arg, 10, &value) && value >= 100 && value < 200 ? NULL : "a descriptor number is not within 100-199";
    default: return NULL;
  }
}

const char *form_fault(const char *form, char **arg, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!*form) return "too many arguments";
    const char *fault = argument_fault(*form, arg[i]);
    if (fault) return fault;
    if (*form != '*') form++;
  }
  return *form && *form != '*' ? "an argument is missing" : NULL;
}
