// The child of clone: from the first instruction in its namespaces to exec.
#pragma once
#include <stdnoreturn.h>

#include "sandbox.h"

// `streams`: what becomes 0-2; `channel`: init's end.
// Waits for the other side's word on the channel. One that is gone takes init with it.
void init_wait(struct context *c, char word);
// All that comes before the filter and the command: descriptors close with it, signals do what they do by default.
void init_ready(struct context *c);
noreturn void init_run(struct context *c, int channel, const int streams[3]);
