// The console socket: where the master of the container's terminal is sent.
#pragma once
#include "sandbox.h"

// Sends the terminal's master there, with its name, and closes the socket; -1 with the failure noted.
int console_send(struct context *c, int master, const char *name);
