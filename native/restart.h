// Whether a container that has ended is to be started again, and the wait before that. Knows numbers it was given, no policy.
#pragma once
#include "sandbox.h"

// Milliseconds until the restart, or -1: none. The file `restarting` says it before anybody hears of the end.
int64_t restart_after(struct context *c, unsigned code, uint64_t lived_ms);
// Somebody asked for an end in the meantime.
bool restart_unwanted(struct context *c);
void restart_forget(struct context *c);
