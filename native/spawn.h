// Programs that the monitor starts on the host.
#pragma once
#include "sandbox.h"

// A child that becomes `program`, in the namespaces the monitor began in, in a session of its own, without its descriptors and with an empty
// environment; its pid, or -1.
pid_t spawn_detached(struct context *c, char **program);
