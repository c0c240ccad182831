// Who says what went wrong with `create`: the command of `--on-failure`, with the report behind it. A creator that is inside a container by then
// can start nothing of the host's: there a child does, which has stayed outside, and whose status becomes its own.
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "creator.h"
#include "io.h"
#include "sys.h"
#include "text.h"

#define TOLD_MAX 8192

static char **command;
static size_t length;
static pid_t teller;  // 0: this process tells it itself
static int to_teller;

static noreturn void become(struct context *c, char *report) {
  char **arg = map_memory((length + 2) * sizeof *arg);
  if (!arg) _exit(125);
  memcpy(arg, command, length * sizeof *arg);
  arg[length] = report;
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &c->creation.before, NULL);
  execve(arg[0], arg, environ);
  _exit(125);
}

// Waits for a report. The end without one: there is nothing to tell.
static noreturn void tell(struct context *c, int from) {
  static char report[TOLD_MAX];
  size_t used = 0;
  ssize_t n;
  while ((n = read(from, report + used, sizeof report - 1 - used)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0) used += (size_t)n;
  if (!used) _exit(0);
  become(c, report);
}

void creator_prepare_failure(struct context *c, char **words, size_t count, bool enters) {
  static struct text told;
  int ends[2];
  if (!count) return;
  command = words;
  length = count;
  told = (struct text){map_memory(TOLD_MAX), TOLD_MAX, 0};
  if (!told.at) stop("mmap: ", errno_name(errno));
  c->creation.told = &told;
  if (!enters) return;
  // Not among the numbers of the plan, and not among those that the command keeps.
  if (pipe2(ends, O_CLOEXEC) || (to_teller = fcntl(ends[1], F_DUPFD_CLOEXEC, 200)) < 0) stop("pipe2: ", errno_name(errno));
  close(ends[1]);
  if ((teller = fork()) < 0) stop("fork: ", errno_name(errno));
  if (!teller) {
    close(to_teller);
    tell(c, ends[0]);
  }
  close(ends[0]);
}

// Its exit status.
static int dismiss_teller(void) {
  int status = 0;
  close(to_teller);
  while (waitpid(teller, &status, 0) < 0 && errno == EINTR) continue;
  teller = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

void creator_forget_failure(void) {
  if (teller) dismiss_teller();
}

noreturn void creator_give_up(struct context *c) {
  if (!length) _exit(125);
  if (!teller) become(c, c->creation.told->at);
  write_all(to_teller, c->creation.told->at, c->creation.told->used);
  _exit(dismiss_teller());
}
