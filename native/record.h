// The state directory's files: who runs, how it ended, who cleans up.
#pragma once
#include "sandbox.h"

// The file `monitor`. -1 with errno.
int record_running(struct context *c);
// The file `exit`, with what `at-exit` asked for; `told`: the event of the end has been written.
void record_exit(struct context *c, unsigned code, unsigned signal, bool told);
// A pidfd of the owner that is alive now, or -1. One that `gone` names (pid, start) does not count; it is set to the one returned.
struct owner {
  pid_t pid;
  uint64_t start;
};
int record_owner(struct context *c, struct owner *gone);
bool record_unfinished(struct context *c);
void record_remove(struct context *c);
