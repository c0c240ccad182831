// A container that another OCI runtime makes.
#pragma once
#include "sandbox.h"

// Has the runtime start what it has created (`runtime-start`); -1 with `c->failure` and `c->index` set.
int runtime_start(struct context *c);
