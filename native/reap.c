// Process 1 of a container that has a command beside it.
#include "reap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void reap_until(pid_t command) {
  sigset_t all;
  siginfo_t info;
  int status;
  sigfillset(&all);
  for (;;) {
    if (sigwaitinfo(&all, &info) < 0) continue;
    if (info.si_signo != SIGCHLD) {
      kill(command, info.si_signo);
      continue;
    }
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
      if (pid == command) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}
