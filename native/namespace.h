// Namespaces: what the monitor needs beyond the operations.
#pragma once
#include "sandbox.h"

struct clone3_args;
// clone3 with a pidfd in c->init_fd; 0 in init, -1 with the failure noted.
pid_t namespace_clone(struct context *c, uint64_t flags);
// clone3 inside the user namespace of `userns` or `join-user`; as namespace_clone.
pid_t userns_clone(struct context *c, struct clone3_args *args);

// Enters what `join` has asked for, as far as this process may.
void joins_try(struct context *c);
// Enters its pid namespace, if that has not been done: who is cloned is made in it. The one that could not be entered, with errno, or NULL.
const struct entry *joins_pid(struct context *c);
int fail_join(struct context *c, const struct entry *refused);
// Whether the one that is open at `fd` has been entered so.
bool join_done(const struct context *c, int fd);
