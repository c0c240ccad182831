// The health of a container as its monitor sees it: when it is probed, what the results make of it.
#pragma once
#include "sandbox.h"

struct probing {
  int fd;  // where the result of the probe under way comes from, or -1
  uint64_t started_ms, due_ms;
  const char *status;
  uint64_t streak;  // of failures
  char *result;
  size_t used;
};

// Writes the files `probe` (the plan of a probe) and `health`. 0, or -1 with the failure noted.
int health_settle(struct context *c);
void health_begin(struct context *c, struct probing *p);
// Milliseconds until health_tick has something to do, -1: only when `fd` is readable.
int health_patience(const struct probing *p);
// Starts a probe that is due.
void health_tick(struct context *c, struct probing *p);
void health_read(struct context *c, struct probing *p);
void health_end(struct probing *p);
