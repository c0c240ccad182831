// Filters of system calls.
#pragma once
#include <stdatomic.h>

#include "sandbox.h"

// Sets the filter of these hexadecimal bytes for this process; the result of seccomp(2), or -1 with the failure noted. `told`, if there is one,
// gets the result before this process makes another call, about which the filter may ask.
int seccomp_set(struct context *c, const char *hex, unsigned flags, atomic_int *told);
