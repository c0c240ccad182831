// Addresses of Unix sockets by path, of any length (unix(7) has room for 107 bytes). Knows nothing of what is said over them.
#include "unix-path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "sys.h"
#include "text.h"

int unix_path(const char *path, struct sockaddr_un *address, int *dir) {
  char parent[PATH_MAX];
  size_t n = strlen(path);
  *dir = -1;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (!n) return errno = ENOENT, -1;
  if (n < sizeof address->sun_path) {
    memcpy(address->sun_path, path, n);
    return 0;
  }
  const char *slash = strrchr(path, '/');
  if (!slash || (size_t)(slash - path) + 1 >= sizeof parent) return errno = ENAMETOOLONG, -1;
  memcpy(parent, path, (size_t)(slash - path) + 1);
  parent[slash - path + 1] = 0;
  if ((*dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  struct text t = {address->sun_path, sizeof address->sun_path, 0};
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)*dir);
  text_add(&t, slash);
  if (t.used < sizeof address->sun_path - 1) return 0;
  close(*dir);
  *dir = -1;
  return errno = ENAMETOOLONG, -1;
}

int unix_connect(const char *path) {
  struct sockaddr_un address;
  int dir;
  if (unix_path(path, &address, &dir)) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) error = errno;
  if (dir >= 0) close(dir);
  if (!error) return fd;
  if (fd >= 0) close(fd);
  errno = error;
  return -1;
}
