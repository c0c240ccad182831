// Paths inside the new root.
#pragma once
#include "sandbox.h"

// openat2 inside the root of `root`; O_CLOEXEC is added. -1 with errno.
int path_open(struct context *c, const char *path, int flags);
// The same with O_PATH; what is missing is made, parents too.
int path_make(struct context *c, const char *path, mode_t mode, bool directory);
