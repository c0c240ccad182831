// `probe NAME[:ARG]...`: finds out what this kernel does by doing it, each in a child with namespaces of its own. Answers in the
// order asked, one line each: `NAME<TAB>OK<TAB>DETAIL` or `NAME<TAB>ERRNO<TAB>SYSTEM CALL`.
// `fresh PROGRAM ARG...`: becomes that program in a network and mount namespace of its own.
#include "ns-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "sys.h"
#include "text.h"

static const char *current;  // the argument being answered

static _Noreturn void answer(const char *verdict, const char *detail) {
  char line[512];
  int size = snprintf(line, sizeof line, "%s\t%s\t%s\n", current, verdict, detail);
  if (size >= (int)sizeof line) size = sizeof line - 1, line[sizeof line - 2] = '\n';
  _exit(write(1, line, (size_t)size) != size);
}

_Noreturn void probe_fail(const char *syscall) {
  answer(errno_name(errno), syscall);
}

_Noreturn void probe_good(const char *detail) {
  answer("OK", detail);
}

void probe_write(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) probe_fail(path);
  if (write(fd, text, strlen(text)) < 0) probe_fail(path);
  close(fd);
}

void probe_scratch(void) {
  if (unshare(CLONE_NEWNS)) probe_fail("unshare(CLONE_NEWNS)");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) probe_fail("mount(MS_PRIVATE)");
  if (mount("tsns-probe", "/tmp", "tmpfs", 0, "mode=0755") || chdir("/tmp")) probe_fail("mount(tmpfs)");
}

void probe_user(void) {
  char map[64];
  unsigned uid = geteuid(), gid = getegid();
  if (unshare(CLONE_NEWUSER)) probe_fail("unshare(CLONE_NEWUSER)");
  int deny = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
  if (deny >= 0) {
    if (write(deny, "deny", 4) < 0) probe_fail("/proc/self/setgroups");
    close(deny);
  }
  snprintf(map, sizeof map, "0 %u 1", uid);
  probe_write("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", gid);
  probe_write("/proc/self/gid_map", map);
}

int probe_user_fd(void) {
  int ready[2];
  char path[64], byte = 0;
  if (pipe(ready)) probe_fail("pipe");
  pid_t child = fork();
  if (child < 0) probe_fail("fork");
  if (child == 0) {
    byte = unshare(CLONE_NEWUSER) ? (char)errno : 0;
    if (write(ready[1], &byte, 1) == 1) pause();
    _exit(0);
  }
  int fd = -1;
  ssize_t size = read(ready[0], &byte, 1);
  if (size == 1 && byte == 0) {
    snprintf(path, sizeof path, "/proc/%d/uid_map", child);
    probe_write(path, "0 100000 65536");
    snprintf(path, sizeof path, "/proc/%d/gid_map", child);
    probe_write(path, "0 100000 65536");
    snprintf(path, sizeof path, "/proc/%d/ns/user", child);
    fd = open(path, O_RDONLY | O_CLOEXEC);
  } else {
    errno = byte;
  }
  int saved = errno;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  errno = saved;
  if (fd < 0) probe_fail("unshare(CLONE_NEWUSER)");
  return fd;
}

static void probe_namespace(const char *kind) {
  int flag = ns_kind_flag(kind);
  if (!flag) {
    errno = EINVAL;
    probe_fail("no such namespace");
  }
  if (unshare(flag)) probe_fail("unshare");
  probe_good("unshare");
}

// A user namespace made by somebody without any right: uid 65534, no capabilities.
static void probe_unprivileged(const char *arg) {
  (void)arg;
  if (geteuid() == 0 && (setgid(65534) || setuid(65534))) probe_fail("setuid");
  if (unshare(CLONE_NEWUSER)) probe_fail("unshare(CLONE_NEWUSER) as uid 65534");
  if (unshare(CLONE_NEWNS)) probe_fail("unshare(CLONE_NEWNS) as uid 65534 in its user namespace");
  probe_good("unshare(CLONE_NEWUSER) as uid 65534");
}

static const struct probe namespaces[] = {{"namespace", probe_namespace}, {"unprivileged-userns", probe_unprivileged}, {0}};

static void run(const char *word) {
  static const struct probe *const tables[] = {namespaces, probe_mounts, probe_processes, probe_nets};
  current = word;
  const char *arg = strchr(word, ':');
  size_t size = arg ? (size_t)(arg - word) : strlen(word);
  alarm(10);
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
    for (const struct probe *p = tables[t]; p->name; p++)
      if (strlen(p->name) == size && !strncmp(p->name, word, size)) p->run(arg ? arg + 1 : "");
  errno = EINVAL;
  probe_fail("no such probe");
}

int ns_probe(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    pid_t child = fork();
    if (child < 0) ns_fail("fork", argv[i]);
    if (child == 0) run(argv[i]);
    int status;
    if (waitpid(child, &status, 0) < 0) ns_fail("waitpid", argv[i]);
    if (!WIFSIGNALED(status)) continue;
    // The kernel kills for a system call that a filter forbids.
    printf("%s\t%s\tended by signal %d\n", argv[i], WTERMSIG(status) == SIGSYS ? "ENOSYS" : "EIO", WTERMSIG(status));
    fflush(stdout);
  }
  return 0;
}

int ns_fresh(int argc, char **argv) {
  (void)argc;
  if (unshare(CLONE_NEWNS | CLONE_NEWNET)) ns_fail("unshare", "a network namespace");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) ns_fail("mount", "/");
  execvp(argv[1], argv + 1);
  ns_fail("execve", argv[1]);
}
