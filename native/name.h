// Names inside the container, as the monitor sees them: one descriptor to poll, one clock.
#pragma once
#include "sandbox.h"

struct text;

// Opens the sockets in the container's network namespace, if the plan asks for names. 0, or -1 with the failure noted.
int names_settle(struct context *c);
// The same in a container that runs, by the file `names` in the state directory. 0, or -1 with the failure noted and its detail in
// `failure.text`. Once is enough.
int names_enable(struct context *c);
// Closes everything: its sockets keep the network namespace alive.
void names_end(struct context *c);
// Readable when there is something to do; -1: no names.
int names_poll_fd(const struct context *c);
void names_ready(struct context *c);
// Milliseconds until names_tick has something to do, -1: only when the descriptor is readable.
int names_patience(const struct context *c);
void names_tick(struct context *c);
void names_idle(struct context *c);
