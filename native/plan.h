// The plan file: a list of operations with string arguments. Pure, and without meaning: names are checked in operation.c.
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct step {
  char **arg;    // arg[-1] is the operation's name, arg[count] is NULL
  size_t count;  // arguments, the name not counted
};
struct plan {
  char *text;  // file content; the strings point into it
  size_t size;
  void *table;  // strings and steps, one mapping
  size_t table_size;
  struct step *step;
  size_t count;
};
struct plan_fault {
  size_t index;
  const char *name, *detail;
};

// Bytes `plan_parse` wants as `table` for this text.
size_t plan_table_size(const char *text, size_t size);
bool plan_parse(struct plan *plan, struct plan_fault *fault);
