// What the arguments of an operation look like, a letter for each.
#pragma once
#include <stddef.h>

// Forms of arguments: s string, d decimal, i signed decimal, o octal, x hexadecimal number, m one of any length, b hexadecimal bytes,
// f descriptor number 100-199, * any number of strings.
// What is wrong with `count` arguments, NULL for nothing. Touches nothing.
const char *form_fault(const char *form, char **arg, size_t count);
