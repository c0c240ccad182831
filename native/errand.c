// A process that changes its own mount namespace has no way back to all that it had: a child goes, and what it opens is here.
#include "errand.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"

int errand(uint64_t flags, int (*body)(int fd, char **arg), int fd, char **arg) {
  struct clone3_args args = {.flags = CLONE_FILES | flags, .exit_signal = SIGCHLD};
  int status = 0;
  pid_t child = (pid_t)sys_clone3(&args);
  if (!child) _exit(body(fd, arg));
  if (child < 0) return -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
  return errno ? -1 : 0;
}
