// Addresses of sockets: short paths, those that are longer than an address has room for, and those that cannot be named at all.
#include "unix-path.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

static void filled(char *at, size_t n) {
  memset(at, 'x', n);
  at[n] = 0;
}

// A socket is bound by one descriptor of its directory and found by another.
static void long_path_works(void) {
  char path[400], cwd[200];
  struct sockaddr_un address;
  int dir, listener = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT(getcwd(cwd, sizeof cwd) != NULL);
  snprintf(path, sizeof path, "%s/%0120d", cwd, 7);
  mkdir(path, 0700);
  strcat(path, "/start");
  unlink(path);
  EXPECT(unix_connect(path) == -1 && errno == ENOENT);
  EXPECT(!unix_path(path, &address, &dir) && dir >= 0);
  EXPECT(!bind(listener, (struct sockaddr *)&address, sizeof address) && !listen(listener, 1));
  close(dir);
  int fd = unix_connect(path);
  EXPECT(fd >= 0);
  close(fd);
  close(listener);
  EXPECT(unix_connect(path) == -1 && errno == ECONNREFUSED);
  unlink(path);
}

int main(void) {
  struct sockaddr_un address;
  char path[PATH_MAX + 10];
  int dir;
  EXPECT(!unix_path("/run/x", &address, &dir) && dir == -1 && !strcmp(address.sun_path, "/run/x"));
  EXPECT(unix_path("", &address, &dir) == -1 && errno == ENOENT && dir == -1);
  filled(path, sizeof address.sun_path - 1);
  EXPECT(!unix_path(path, &address, &dir) && dir == -1 && !strcmp(address.sun_path, path));
  filled(path, sizeof address.sun_path);
  EXPECT(unix_path(path, &address, &dir) == -1 && errno == ENAMETOOLONG);
  filled(path, 200);
  path[0] = '/';
  EXPECT(unix_path(path, &address, &dir) == -1 && errno == ENAMETOOLONG && dir == -1);
  path[100] = '/';
  EXPECT(unix_path(path, &address, &dir) == -1 && errno == ENOENT && dir == -1);
  filled(path, PATH_MAX + 5);
  path[PATH_MAX + 3] = '/';
  EXPECT(unix_path(path, &address, &dir) == -1 && errno == ENAMETOOLONG);
  long_path_works();
  return done();
}
