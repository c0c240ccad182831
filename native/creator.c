// The command `create`: makes a container and goes, so that whoever started it, or its subreaper, becomes the parent of init. Performs the plan's
// operations in this process; what comes after the clone is in creator-start.c, who stays in creator-wait.c.
#include "creator.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io.h"
#include "operation.h"
#include "plan-file.h"
#include "reexec.h"
#include "sys.h"
#include "text.h"
#include "title.h"

#define USAGE \
  "usage: tsns-sandbox create PLAN [--report FD] [--wait] [--keep N] [--made DIR] [--pid-file PATH] [--placeholder PID] [--on-failure N ARG...], " \
  "see native/README.md"
#define KEEP_MAX 90  // what init needs for itself lies behind, below the numbers of the plan

struct options {
  int report;  // -1: none
  bool wait;
  int keep;
  pid_t placeholder;  // 0: none
  const char *made, *pid_file;  // NULL: none
  char **on_failure;
  size_t on_failure_count;
};

static char **own_argv, **own_envp;

void creation_hide(void) {
  title_take(own_argv, own_envp);
}

static bool parse_options(struct options *o, char **arg) {
  *o = (struct options){.report = -1};
  for (; *arg; arg++) {
    uint64_t value;
    if (!strcmp(*arg, "--wait")) {
      o->wait = true;
      continue;
    }
    if (!arg[1]) return false;
    const char **path = !strcmp(*arg, "--made") ? &o->made : !strcmp(*arg, "--pid-file") ? &o->pid_file : NULL;
    if (path) {
      *path = *++arg;
      continue;
    }
    if (!parse_unsigned(arg[1], 10, &value)) return false;
    if (!strcmp(*arg, "--report") && value < 1 << 20) o->report = (int)value;
    else if (!strcmp(*arg, "--keep") && value <= KEEP_MAX) o->keep = (int)value;
    else if (!strcmp(*arg, "--placeholder") && value > 1 && value <= INT_MAX) o->placeholder = (pid_t)value;
    else if (!strcmp(*arg, "--on-failure")) {
      o->on_failure = arg + 2;
      for (; o->on_failure_count < value; o->on_failure_count++, arg++)
        if (!arg[2]) return false;
    } else return false;
    arg++;
  }
  return o->report < 0 || o->report >= 3 + o->keep;
}

static void check_kept(const struct options *o) {
  for (int fd = 3; fd < 3 + o->keep; fd++)
    if (fcntl(fd, F_GETFD) < 0) stop("--keep: a descriptor is not open", "");
}

// Not among the numbers that the plan gives to what it opens for init.
static int own_report(int fd) {
  if (fd < 0) return -1;
  if (fd >= 100 && fd < 200) fd = fcntl(fd, F_DUPFD_CLOEXEC, 200);
  if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) stop("--report: ", errno_name(errno));
  return fd;
}

// A terminal nobody would look after.
static bool lost_terminal(struct context *c) {
  bool console = c->creation.wait;
  for (size_t i = 0; i < c->plan.count; i++) {
    const char *name = c->plan.step[i].arg[-1];
    console |= !strcmp(name, "console-socket");
    if (console || strcmp(name, "pty")) continue;
    c->index = i;
    errno = EINVAL;
    fail(c, "parse", "a terminal needs a console socket, or somebody who waits");
    return true;
  }
  return false;
}

static bool enters_container(const struct context *c) {
  for (size_t i = 0; i < c->plan.count; i++)
    if (!strcmp(c->plan.step[i].arg[-1], "setns-pid")) return true;
  return false;
}

// With somebody who waits, signals are for init: they are held from the beginning, so that none is lost.
static void hold_signals(struct context *c) {
  static const int never[] = {SIGTTIN, SIGTTOU, SIGURG, SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL}, harmless[] = {SIGCONT, SIGWINCH, SIGTSTP};
  sigset_t held;
  signal(SIGCHLD, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  sigprocmask(SIG_BLOCK, NULL, &c->creation.before);
  if (!c->creation.wait) return;
  sigfillset(&held);
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) sigdelset(&held, never[i]);
  sigprocmask(SIG_BLOCK, &held, NULL);
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) sigdelset(&held, harmless[i]);
  c->creation.signals = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  if (c->creation.signals < 0) stop("signalfd: ", errno_name(errno));
}

void creation_give_way(struct context *c) {
  sigprocmask(SIG_SETMASK, &c->creation.before, NULL);
  _exit(125);
}

// A child that this process had before it became the creator. Its end is waited for: until then it counts among those in the container's groups.
static void end_placeholder(pid_t pid) {
  if (pid && !kill(pid, SIGKILL)) while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

static void prepare(struct context *c, const struct options *o) {
  c->report_fd = own_report(o->report);
  c->creation.wait = o->wait;
  c->creation.keep = o->keep;
  hold_signals(c);
  umask(022);
  // One who is not root writes id maps for init, whose files then have to be its own; init sees to that itself once it has them.
  if (!geteuid()) prctl(PR_SET_DUMPABLE, 0);
  c->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// True when a container has been made, false when the plan had none.
static bool perform(struct context *c) {
  for (c->index = 0; c->index < c->plan.count; c->index++) {
    bool cloned = !strcmp(c->plan.step[c->index].arg[-1], "clone");
    if (operation_perform(c)) {
      report_error(c);
      creator_give_up(c);
    }
    if (!cloned) continue;
    if (!creator_settle(c)) creator_give_up(c);
    return true;
  }
  report_text(c, "done\n", 5);
  return false;
}

noreturn void creator_run(char **argv, char **envp) {
  static struct context c;
  struct options o;
  if (!argv[2] || !parse_options(&o, argv + 3)) stop(USAGE, "");
  check_kept(&o);
  if (reexec_readonly(argv, envp) < 0) stop("cannot start from a read-only copy of itself: ", errno_name(errno));
  own_argv = argv;
  own_envp = envp;
  context_clear(&c);
  c.mode = MODE_CREATE;
  bool good = plan_load(&c, AT_FDCWD, argv[2], false);
  prepare(&c, &o);
  creator_prepare_failure(&c, o.on_failure, o.on_failure_count, good && enters_container(&c));
  if (!good || lost_terminal(&c) || made_open(&c, o.made, o.pid_file)) {
    report_error(&c);
    creator_give_up(&c);
  }
  bool made = perform(&c);
  creator_forget_failure();
  if (made) end_placeholder(o.placeholder);
  if (!made || !o.wait) _exit(0);
  creator_stay(&c);
}
