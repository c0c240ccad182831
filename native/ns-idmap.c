// `idmap PATH`: prints uid_map, an empty line and gid_map of a user namespace that may have no process, as they read from this
// process's own one: the last column but one is an id here (user_namespaces(7)).
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns-program.h"
#include "ns.h"

static void copy(pid_t pid, const char *file) {
  char path[64], buffer[8192];
  ns_proc_path(path, sizeof path, pid, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = -1;
  while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
    if (write(1, buffer, (size_t)n) != n) ns_fail("write", "standard output");
  if (n < 0) ns_fail("read", path);
  close(fd);
}

int ns_idmap(int argc, char **argv) {
  (void)argc;
  int ready[2], error = ECHILD;
  if (pipe2(ready, O_CLOEXEC)) ns_fail("pipe2", "idmap");
  pid_t child = fork();
  if (child < 0) ns_fail("fork", "idmap");
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    error = fd < 0 || setns(fd, CLONE_NEWUSER) ? errno : 0;
    if (write(ready[1], &error, sizeof error) != sizeof error) _exit(1);
    for (;;) pause();
  }
  close(ready[1]);
  if (read(ready[0], &error, sizeof error) != sizeof error) error = ECHILD;
  if ((errno = error)) ns_fail("setns", argv[1]);
  copy(child, "uid_map");
  if (write(1, "\n", 1) != 1) ns_fail("write", "standard output");
  copy(child, "gid_map");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return 0;
}
