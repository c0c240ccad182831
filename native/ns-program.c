// Runs a command for `enter` and `unshare`: ids, exec with docker's exit codes, and waiting where a pid namespace takes a child.
#include "ns-program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

static void say_line(const char *what, const char *target, const char *reason) {
  char line[512];
  struct text t = {line, sizeof line, 0};
  text_add(&t, "tsns: ");
  text_add(&t, what);
  text_add(&t, " ");
  text_escaped(&t, target, strlen(target));
  text_add(&t, ": ");
  text_add(&t, reason);
  text_add(&t, "\n");
  if (write(2, line, t.used) < 0) _exit(125);
}

_Noreturn void ns_refuse(const char *what, const char *target) {
  const char *reason = errno == EPERM || errno == EACCES ? "not permitted (run as root)" : errno_name(errno);
  say_line(what, target, errno == ENOENT ? "no such file or directory" : reason);
  _exit(1);
}

int ns_write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t n = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return n < 0 ? -1 : 0;
}

void ns_proc_path(char *out, size_t size, pid_t pid, const char *file) {
  struct text t = {out, size, 0};
  text_add(&t, "/proc/");
  text_number(&t, (uint64_t)pid);
  text_add(&t, "/");
  text_add(&t, file);
}

int ns_write_maps(pid_t pid, const char *uid_map, const char *gid_map) {
  char path[64];
  ns_proc_path(path, sizeof path, pid, "uid_map");
  if (*uid_map && ns_write_file(path, uid_map)) return -1;
  if (!*gid_map) return 0;
  ns_proc_path(path, sizeof path, pid, "gid_map");
  if (!ns_write_file(path, gid_map)) return 0;
  char deny[64];
  ns_proc_path(deny, sizeof deny, pid, "setgroups");
  return ns_write_file(deny, "deny") ? -1 : ns_write_file(path, gid_map);
}

void ns_take_ids(long uid, long gid) {
  // EPERM: the user namespace denies setgroups (user_namespaces(7)); then the groups stay.
  if (gid >= 0 && syscall(SYS_setgroups, 0, NULL) && errno != EPERM) ns_refuse("cannot leave", "supplementary groups");
  if (gid >= 0 && syscall(SYS_setresgid, gid, gid, gid)) ns_refuse("cannot become", "that group: it is not mapped there");
  if (uid >= 0 && syscall(SYS_setresuid, uid, uid, uid)) ns_refuse("cannot become", "that user: it is not mapped there");
}

_Noreturn void ns_exec(char **command) {
  execvp(command[0], command);
  int missing = errno == ENOENT || errno == ENOTDIR;
  say_line("cannot run", command[0], errno == ENOENT ? "no such program" : errno == EACCES ? "permission denied" : errno_name(errno));
  _exit(missing ? 127 : 126);
}

static volatile sig_atomic_t child_pid;

// A signal that somebody sent to this process is meant for the command; the terminal sends its own to both.
static void pass_on(int signal, siginfo_t *info, void *unused) {
  (void)unused;
  int error = errno;
  if (info->si_code <= 0 && info->si_pid != child_pid) kill(child_pid, signal);
  errno = error;
}

static int exit_status(pid_t child) {
  for (;;) {
    int status;
    if (waitpid(child, &status, WUNTRACED) < 0) {
      if (errno == EINTR) continue;
      return 125;
    }
    if (WIFSTOPPED(status)) {
      // The shell that started this sees it stop, and continues both.
      raise(SIGSTOP);
      kill(child, SIGCONT);
      continue;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
}

_Noreturn void ns_exec_in_child(void (*prepare)(void *), void *context, char **command) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child < 0) ns_refuse("cannot start", command[0]);
  if (!child) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    // Set last: the kernel clears it when ids change (prctl(2)).
    if (prepare) prepare(context);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    ns_exec(command);
  }
  child_pid = child;
  struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
  static const int passed[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) sigaction(passed[i], &action, NULL);
  sigprocmask(SIG_SETMASK, &before, NULL);
  _exit(exit_status(child));
}
