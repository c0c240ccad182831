// Addresses of Unix sockets by path.
#pragma once
#include <sys/un.h>

// Fills the address for `path`. A path longer than the address has room for is named by the descriptor of its directory: `*dir` is to be closed
// afterwards, and -1 when there is none. 0, or -1 with errno.
int unix_path(const char *path, struct sockaddr_un *address, int *dir);
// A stream socket that is connected there; -1 with errno.
int unix_connect(const char *path);
