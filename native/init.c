// Init: performs its operations, waits for the monitor where it must, becomes the command or stays as process 1.
#include "init.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "channel.h"
#include "creator.h"
#include "io.h"
#include "operation.h"
#include "program.h"
#include "reap.h"
#include "sys.h"
#include "text.h"
#include "title.h"

void init_wait(struct context *c, char word) {
  char got[24];
  int fds[2];
  ssize_t n;
  do
    if ((n = channel_receive(c->channel, got, sizeof got - 1, fds)) <= 0) _exit(1);
  while (got[0] != word);
  got[n] = 0;
  if (n > 1) c->init_pid = (pid_t)number(got + 1);
}

int op_barrier(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  if (!c->passed_barrier) init_wait(c, CHANNEL_GO);
  c->passed_barrier = true;
  return 0;
}

int op_init(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  c->stay = true;
  return 0;
}

int op_keeper(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  c->stay = c->keeper = true;
  return 0;
}

int op_end(struct context *c, char **arg, size_t count) {
  if (!c->in_init) return 0;
  op_barrier(c, arg, count);
  if (c->mode == MODE_CREATE) creation_let_go(c);
  else channel_send(c->channel, CHANNEL_EXEC, NULL, 0);
  _exit(0);
}

static void reset_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (int i = 1; i <= 64; i++) sigaction(i, &standard, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

// Dies with its parent. The setting is lost at a change of credentials, so it comes last; who died before has closed the
// channel already.
static void die_with_parent(struct context *c, pid_t parent) {
  struct pollfd p = {.fd = c->channel};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR)) _exit(1);
  if (parent && getppid() != parent) _exit(1);
}

// The parent of all that comes from the command, until nothing of it is left. Letting go of the channel says that the command itself
// has ended: what it leaves behind is ended from outside.
static noreturn void keep_until(pid_t command, int channel) {
  int status, result = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR)
    if (pid == command) {
      result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      close(channel);
    }
  _exit(result);
}

// Splits into process 1 and the command's process; returns only in the latter.
static int stay_as_first(struct context *c) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  die_with_parent(c, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t self = getpid(), command = fork();
  if (command < 0) return fail(c, "fork", "init");
  if (command) {
    unmap_memory(c->plan.text, c->plan.size);
    if (c->keeper) {
      // Its copies of the streams would keep them from ending.
      for (int fd = 0; fd < 3; fd++) close(fd);
      sys_close_range((unsigned)c->channel + 1, ~0u, 0);
      keep_until(command, c->channel);
    }
    sys_close_range(3, ~0u, 0);
    reap_until(command);
  }
  setpgid(0, 0);
  tcsetpgrp(0, getpid());
  die_with_parent(c, self);
  return 0;
}

static void close_on_exec(int first) {
  if (!sys_close_range((unsigned)first, ~0u, RANGE_CLOEXEC)) return;
  for (int fd = first; fd < 4096; fd++) set_cloexec(fd, true);
}

void init_ready(struct context *c) {
  if (c->ready) return;
  c->ready = true;
  op_barrier(c, NULL, 0);
  close_on_exec(3 + c->creation.keep);
  reset_signals();
  signal(SIGPIPE, SIG_IGN);
  if (!c->stay && c->mode == MODE_RUN) die_with_parent(c, 0);
  if (c->mode == MODE_CREATE) prctl(PR_SET_PDEATHSIG, 0);
}

// The word is written by the call that a filter lets through when it lets through any.
int op_exec(struct context *c, char **arg, size_t count) {
  op_barrier(c, arg, count);
  program_environment(c);
  if (c->stay && stay_as_first(c)) return -1;
  init_ready(c);
  if (c->mode == MODE_CREATE) creation_let_go(c);
  else channel_write(c->channel, CHANNEL_EXEC);
  signal(SIGPIPE, SIG_DFL);
  program_become(c, arg);
  return fail(c, "execve", arg[0]);
}

static void take_streams(const int streams[3]) {
  // Streams may themselves be numbered 0-2 when the caller had those closed: moved out of the way first.
  int safe[3];
  if (streams[0] == 0 && streams[1] == 1 && streams[2] == 2) return;
  for (int i = 0; i < 3; i++) safe[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
  for (int i = 0; i < 3; i++) {
    dup2(safe[i], i);
    close(safe[i]);
  }
}

static void close_between(unsigned from, unsigned to) {
  if (from > to || !sys_close_range(from, to, 0)) return;
  for (unsigned fd = from; fd <= to && fd < 4096; fd++) close((int)fd);
}

// A directory of the host that is still open could be entered as /proc/self/fd/N by a working directory of the image's choice
// (CVE-2024-21626): init keeps the channel as 3, the gate and the root behind it, and what the plan opened for it; before them what is the command's.
static void keep_own(struct context *c) {
  int *own[] = {&c->channel, &c->creation.gate, &c->root_fd}, next = 3 + c->creation.keep;
  for (int i = 0; i < 3; i++)
    if (*own[i] > 0 && (*own[i] = fcntl(*own[i], F_DUPFD_CLOEXEC, next + 3)) < 0) _exit(1);
  for (int i = 0; i < 3; i++)
    if (*own[i] > 0 && (*own[i] = dup3(*own[i], next++, O_CLOEXEC)) < 0) _exit(1);
  c->report_fd = c->channel;
  close_between((unsigned)next, 99);
  close_between(200, ~0u);
  c->proc_fd = -1;
}

static noreturn void give_up(struct context *c) {
  report_error(c);
  _exit(1);
}

static void enter_user_namespace(struct context *c) {
  init_wait(c, CHANNEL_MAPPED);
  syscall(SYS_setgroups, 0, NULL);
  if (syscall(SYS_setresgid, 0, 0, 0) || syscall(SYS_setresuid, 0, 0, 0)) {
    c->index = c->settings.idmap_index;
    fail(c, "setresuid", "0");
    give_up(c);
  }
  prctl(PR_SET_DUMPABLE, 0);
}

noreturn void init_run(struct context *c, int channel, const int streams[3]) {
  c->in_init = true;
  c->channel = c->report_fd = channel;
  if (c->mode == MODE_CREATE) creation_hide();
  title_set("tsns-init", NULL);
  setsid();
  umask(0);
  if (cgroup_join(c)) give_up(c);
  take_streams(streams);
  keep_own(c);
  if (c->settings.uid_map) enter_user_namespace(c);
  // Until it is let go, or it gives up the rights to be killed so.
  if (c->mode == MODE_CREATE) die_with_parent(c, 0);
  c->env = map_memory((c->plan.count + 2) * sizeof(char *));
  for (c->index++; c->index < c->plan.count && c->env; c->index++)
    if (operation_perform(c)) break;
  give_up(c);
}
