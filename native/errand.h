// What a child does on behalf of this process, in namespaces that this one is not to enter.
#pragma once
#include <stdint.h>

// Runs `body`, which returns 0 or an errno, in a child that shares the table of descriptors, made with `flags` (CLONE_NEW*) besides: 0, or -1 with
// that errno; ECHILD when it did not come to its end.
int errand(uint64_t flags, int (*body)(int fd, char **arg), int fd, char **arg);
