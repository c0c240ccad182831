// Namespaces: what the monitor needs beyond the operations.
#pragma once
#include "sandbox.h"

struct clone3_args;
// clone3 with a pidfd in c->init_fd; 0 in init, -1 with errno.
pid_t namespace_clone(struct context *c, uint64_t flags);
// clone3 inside the user namespace of `userns` or `join-user`; as namespace_clone.
pid_t userns_clone(struct context *c, struct clone3_args *args);
