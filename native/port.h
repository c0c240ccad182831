// Published ports that are asked for by IPv6 and lead to a container without it, as the monitor sees them: one descriptor to poll, one clock.
#pragma once
#include "sandbox.h"

// Listens, if the plan asks for it. 0, or -1 with the failure noted.
int ports_settle(struct context *c);
// As the file `ports` in the state directory says: instead of what was, or nothing any more. 0, or -1 with the failure noted.
int ports_replace(struct context *c);
// The container has ended: what it has sent goes on to whoever asked, then everything is closed.
void ports_end(struct context *c);
// Takes the address back. Between two runs it stays, so that who asks meanwhile is refused.
void ports_release(struct context *c);
// Readable when there is something to do; -1: nothing is relayed.
int ports_poll_fd(const struct context *c);
void ports_ready(struct context *c);
// Milliseconds until ports_tick has something to do, -1: only when the descriptor is readable.
int ports_patience(const struct context *c);
void ports_tick(struct context *c);
void ports_idle(struct context *c);
