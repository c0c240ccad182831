// Programs that the monitor starts on the host: its cleanup, the name server.
#include "spawn.h"

#include <sched.h>

#include "limit.h"
#include "sys.h"

pid_t spawn_detached(struct context *c, char **program) {
  sigset_t none;
  char *environment[] = {NULL};
  pid_t child = fork();
  if (child) return child;
  for (size_t i = 0; i < c->settings.home_count; i++) setns(c->settings.home_fd[i], 0);
  setsid();
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  sys_close_range(3, ~0u, 0);
  limit_restore();
  execve(program[0], program, environment);
  _exit(127);
}
