// The container's monitor.
#pragma once
#include <stdnoreturn.h>

#include "sandbox.h"

struct monitor_start {
  int data, control;  // the client's sockets; control is -1 when it does not attach
  int listener;
  unsigned char flags;  // ATTACH_*
};

// Performs the plan's operations and looks after the container until it has ended.
noreturn void monitor_run(struct context *c, struct monitor_start start, char **argv, char **envp);
// Between clone and the event loop: maps, state file, init's word. Returns only when nothing could be started; then
// nothing is left running and the failure has been noted, or reported (`*reported`).
void monitor_settle(struct context *c, struct monitor_start *start, int channel, bool *reported);
// Kills init and waits for it; how it ended goes to `detail`.
void init_end(struct context *c, char *detail, size_t size);
noreturn void monitor_loop(struct context *c, struct monitor_start *start);
