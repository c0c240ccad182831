// A descriptor that somebody else gets.
#pragma once

// Over a connection to a Unix socket, beside the bytes of `text`, as runc does it. -1 with errno.
int descriptor_send(int to, int fd, const char *text);
