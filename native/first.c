// tsns-init PROGRAM ARG...: process 1 of a container that another OCI runtime has made (--init). Runs the program, passes signals on to it and
// reaps what it leaves behind. As tsns-sandbox's `init` operation, which needs no program inside.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "reap.h"

static void say(const char *text) {
  ssize_t done = write(2, text, strlen(text));
  (void)done;
}

static noreturn void become(char **argv) {
  sigset_t none;
  setpgid(0, 0);
  tcsetpgrp(0, getpid());
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(argv[0], argv);
  bool missing = errno == ENOENT;
  say("exec: ");
  say(argv[0]);
  say(missing ? ": no such file or directory\n" : ": permission denied, or no program of this machine\n");
  _exit(missing ? 127 : 126);
}

int main(int argc, char **argv) {
  sigset_t all;
  if (argc < 2) {
    say("tsns-init: a program is missing: tsns-init PROGRAM ARG...\n");
    return 125;
  }
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_NAME, "tsns-init");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t command = fork();
  if (command < 0) {
    say("tsns-init: fork: no process can be made: raise --pids-limit\n");
    return 125;
  }
  if (!command) become(argv + 1);
  reap_until(command);
}
