// Parser of plan files: `<count>\0<name>\0<arg>\0...`, count = 1 + number of arguments. It reads bytes, never files.
#include "plan.h"

#include <stdint.h>
#include <string.h>

#include "text.h"

// Every step takes at least two strings, so steps fit beside the string pointers.
size_t plan_table_size(const char *text, size_t size) {
  size_t strings = 0;
  for (const char *at = text; (at = memchr(at, 0, size - (size_t)(at - text))); at++) strings++;
  return strings * sizeof(char *) + (strings / 2 + 1) * sizeof(struct step);
}

static bool fault_at(struct plan *plan, struct plan_fault *fault, const char *name, const char *detail) {
  *fault = (struct plan_fault){plan->count, name, detail};
  return false;
}

bool plan_parse(struct plan *plan, struct plan_fault *fault) {
  char *at = plan->text, *end = plan->text + plan->size;
  size_t strings = 0;
  for (char *p = at; (p = memchr(p, 0, (size_t)(end - p))); p++) strings++;
  char **string = plan->table;
  plan->step = (struct step *)(string + strings);
  plan->count = 0;
  if (!plan->size) return fault_at(plan, fault, "plan", "the plan is empty");
  if (end[-1]) return fault_at(plan, fault, "plan", "the plan does not end with a zero byte");
  while (at < end) {
    uint64_t count;
    if (!parse_unsigned(at, 10, &count)) return fault_at(plan, fault, "plan", "a count is not a number");
    at += strlen(at) + 1;
    strings--;
    if (!count || count > strings) return fault_at(plan, fault, "plan", "a count is wrong");
    plan->step[plan->count] = (struct step){string + 1, (size_t)count - 1};
    for (strings -= (size_t)count; count; count--) {
      *string++ = at;
      at += strlen(at) + 1;
    }
    *string++ = NULL;  // in the place the count had
    plan->count++;
  }
  return true;
}
