// The socket between monitor and init: single bytes, lines of the report, the terminal's descriptors.
#pragma once
#include <stddef.h>
#include <sys/types.h>

int channel_pair(int ends[2]);
// A byte, by write(2): SIGPIPE is the caller's concern.
int channel_write(int fd, char kind);
int channel_send(int fd, char kind, const int *fds, size_t count);
// One message into `out`; received descriptors into fds[2] (else -1). 0 at the end, -1 with errno.
ssize_t channel_receive(int fd, char *out, size_t size, int fds[2]);
