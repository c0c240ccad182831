// Id maps of user namespaces.
#pragma once
#include "sandbox.h"

// Writes both maps for the user namespace of `pid`, by shadow's programs where the kernel does not let this process; -1 with the failure noted.
int map_write(struct context *c, pid_t pid, const char *uids, const char *gids);
