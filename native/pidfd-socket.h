// The pidfd socket: where init's pidfd is sent, for who wants to watch or end that process and no other that gets its number later.
#pragma once
#include "sandbox.h"

// Sends it, where the plan says so, and closes the connection; -1 with the failure noted.
int pidfd_send(struct context *c);
