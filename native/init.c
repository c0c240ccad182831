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
#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"
#include "title.h"

// Waits for the monitor's word. A monitor that is gone takes init with it.
static void wait_for(struct context *c, char word) {
  char got[4];
  int fds[2];
  do
    if (channel_receive(c->channel, got, sizeof got, fds) <= 0) _exit(1);
  while (got[0] != word);
}

int op_barrier(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  if (!c->passed_barrier) wait_for(c, CHANNEL_GO);
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
  channel_send(c->channel, CHANNEL_EXEC, NULL, 0);
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

static const char *variable(struct context *c, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < c->env_count; i++)
    if (!strncmp(c->env[i], name, n) && c->env[i][n] == '=') return c->env[i] + n + 1;
  return NULL;
}

static void become_command(struct context *c, char **arg) {
  const char *path = strchr(arg[0], '/') ? "" : variable(c, "PATH");
  char name[4096];
  int error = ENOENT;
  while (path && *arg[0]) {
    size_t n = strcspn(path, ":");
    struct text t = {name, sizeof name, 0};
    text_bytes(&t, path, n);
    if (n) text_add(&t, "/");
    text_add(&t, arg[0]);
    if (t.used < sizeof name - 1) execve(n || strchr(arg[0], '/') ? name : arg[0], arg, c->env);
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) {
      error = errno;
      break;
    }
    if (!path[n]) break;
    path += n + 1;
  }
  errno = error;
}

static void reap_until(pid_t command) {
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

static void close_on_exec(void) {
  if (!sys_close_range(3, ~0u, RANGE_CLOEXEC)) return;
  for (int fd = 3; fd < 4096; fd++) set_cloexec(fd, true);
}

int op_exec(struct context *c, char **arg, size_t count) {
  op_barrier(c, arg, count);
  if (c->identity.home && !variable(c, "HOME")) c->env[c->env_count++] = (char *)c->identity.home;
  c->env[c->env_count] = NULL;
  if (c->stay && stay_as_first(c)) return -1;
  close_on_exec();
  reset_signals();
  if (!c->stay) die_with_parent(c, 0);
  channel_send(c->channel, CHANNEL_EXEC, NULL, 0);
  become_command(c, arg);
  return fail(c, "execve", arg[0]);
}

static void take_streams(const int streams[3]) {
  // Streams may themselves be numbered 0-2 when the caller had those closed: moved out of the way first.
  int safe[3];
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
// (CVE-2024-21626): init keeps the channel as 3, the root as 4 and what the plan opened for it.
static void keep_own(struct context *c) {
  int channel = fcntl(c->channel, F_DUPFD_CLOEXEC, 5), root = c->root_fd < 0 ? -1 : fcntl(c->root_fd, F_DUPFD_CLOEXEC, 5);
  if (channel < 0 || (c->root_fd >= 0 && root < 0)) _exit(1);
  if (dup3(channel, 3, O_CLOEXEC) < 0 || (root >= 0 && dup3(root, 4, O_CLOEXEC) < 0)) _exit(1);
  c->channel = c->report_fd = 3;
  c->root_fd = root < 0 ? -1 : 4;
  close_between(root < 0 ? 4 : 5, 99);
  close_between(200, ~0u);
  c->proc_fd = -1;
}

static noreturn void give_up(struct context *c) {
  report_error(c);
  _exit(1);
}

static void enter_user_namespace(struct context *c) {
  wait_for(c, CHANNEL_MAPPED);
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
  title_set("tsns-init", NULL);
  setsid();
  umask(0);
  if (cgroup_join(c)) give_up(c);
  take_streams(streams);
  keep_own(c);
  if (c->settings.uid_map) enter_user_namespace(c);
  c->env = map_memory((c->plan.count + 2) * sizeof(char *));
  for (c->index++; c->index < c->plan.count && c->env; c->index++)
    if (operation_perform(c)) break;
  give_up(c);
}
