// Standard streams between a container and its monitor.
#pragma once
#include "sandbox.h"

// Init's three streams into `theirs`, the monitor's ends into the context; -1 with `c->failure` set.
int streams_make(struct context *c, int theirs[3]);
// Lets go of init's, once it has them.
void streams_close(const int theirs[3]);
