// Netlink messages that were encoded elsewhere.
#pragma once
#include "sandbox.h"

// Sends the messages of `hex` in one piece and waits for the acknowledgement of each; 0, or -1 with the failure noted.
int netlink_perform(struct context *c, int fd, const char *hex);
