// The bound on open files: the relay of published ports needs many, programs that the monitor starts are to have the usual one.
#include "limit.h"

#include <stdbool.h>
#include <sys/resource.h>

static struct rlimit before;
static bool raised;

unsigned long limit_files(unsigned long wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) return 0;
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  struct rlimit larger = {limit.rlim_max < wanted ? limit.rlim_max : wanted, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &larger)) return limit.rlim_cur;
  if (!raised) before = limit;
  raised = true;
  return larger.rlim_cur;
}

void limit_restore(void) {
  if (raised) setrlimit(RLIMIT_NOFILE, &before);
}
