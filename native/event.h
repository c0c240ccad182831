// Lines for the file of events: what a monitor sees happen.
#pragma once
#include "sandbox.h"

// Keeps what the lines say of the container where `rename` can change it. 0, or -1 with the failure noted.
int event_settle(struct context *c);
// A counter that the plan names has counted.
void event_counted(struct context *c);
// The command runs; call before the plan is forgotten.
void event_start(struct context *c);
// The end; false where the plan asks for no events or the line could not be written.
bool event_end(struct context *c, unsigned code, uint64_t lived_ms);
void event_health(struct context *c, const char *status);
