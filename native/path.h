// Paths inside the new root.
#pragma once
#include "sandbox.h"

// openat2 inside the root of `root`; O_CLOEXEC is added. -1 with errno.
int path_open(struct context *c, const char *path, int flags);
// The same with O_PATH; what is missing is made, parents too.
int path_make(struct context *c, const char *path, mode_t mode, bool directory);
// mount(2) on what is open: it takes no descriptor, so the link in /proc names it, without resolving its path again.
int mount_on(int target, const char *source, const char *type, unsigned long flags, const char *data);
