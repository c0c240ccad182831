// Namespaces: leaving, joining, and the clone that makes init. What follows the clone is in monitor.c and start.c.
#include "namespace.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

static const struct kind {
  const char *name;
  uint64_t flag;
} kinds[] = {
    {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS},         {"net", CLONE_NEWNET},   {"ipc", CLONE_NEWIPC},
    {"uts", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}, {"user", CLONE_NEWUSER}, {"time", CLONE_NEWTIME},
};
#define KINDS (sizeof kinds / sizeof *kinds)

// At the end the monitor goes back to where it began: the namespaces it leaves stay open.
static int keep_homes(struct context *c, uint64_t flags) {
  struct settings *s = &c->settings;
  for (size_t i = 0; i < KINDS; i++) {
    if (!(flags & kinds[i].flag) || !strchr("mniut", kinds[i].name[0]) || kinds[i].flag == CLONE_NEWUSER) continue;
    char path[32];
    struct text t = {path, sizeof path, 0};
    text_add(&t, "self/ns/");
    text_add(&t, kinds[i].name);
    if (s->home_count == HOMES_MAX) return 0;
    int fd = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(c, "open", kinds[i].name);
    s->home_fd[s->home_count++] = fd;
  }
  return 0;
}

int op_unshare(struct context *c, char **arg, size_t count) {
  (void)count;
  uint64_t flags = number(arg[0]);
  if (!c->in_init && keep_homes(c, flags)) return -1;
  if (unshare((int)flags)) return fail(c, "unshare", arg[0]);
  return 0;
}

int op_setns(struct context *c, char **arg, size_t count) {
  int fd = (int)number(arg[0]);
  if (join_done(c, fd)) return 0;
  return setns(fd, (int)number(arg[1])) ? fail(c, "setns", arg[count > 2 ? 2 : 0]) : 0;
}

static const struct kind *find_kind(const char *name) {
  for (size_t i = 0; i < KINDS; i++)
    if (!strcmp(kinds[i].name, name)) return &kinds[i];
  return NULL;
}

// Kernels before 5.8 know no setns on a pidfd: the files of /proc, in the plan's order.
static int join_files(struct context *c, const char *pid, char **name, size_t count) {
  int fd[KINDS * 2], result = 0;
  if (count > KINDS * 2) count = KINDS * 2;
  for (size_t i = 0; i < count; i++) {
    char path[64];
    struct text t = {path, sizeof path, 0};
    text_add(&t, pid);
    text_add(&t, "/ns/");
    text_add(&t, name[i]);
    fd[i] = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
  }
  for (size_t i = 0; i < count; i++) {
    const struct kind *kind = find_kind(name[i]);
    if (!result && kind && (result = setns(fd[i], (int)kind->flag))) fail(c, "setns", name[i]);
    if (fd[i] >= 0) close(fd[i]);
  }
  return result;
}

// Those of the container whose monitor this process comes from.
int op_setns_init(struct context *c, char **arg, size_t count) {
  char pid[24];
  uint64_t flags = 0;
  struct text t = {pid, sizeof pid, 0};
  for (size_t i = 0; i < count; i++) {
    const struct kind *kind = find_kind(arg[i]);
    if (!kind) return errno = EINVAL, fail(c, "parse", arg[i]);
    flags |= kind->flag;
  }
  text_number(&t, (uint64_t)c->init_pid);
  c->settings.joined_pid = true;
  if (!flags || !setns(c->init_fd, (int)flags)) return 0;
  return errno == EINVAL ? join_files(c, pid, arg, count) : fail(c, "setns", "init");
}

// Process 1 of a container leaves the host's root last: until then its mount namespace shows the host's files.
static bool has_left(const struct stat *root) {
  struct stat now;
  return !stat("/", &now) && (now.st_dev != root->st_dev || now.st_ino != root->st_ino);
}

int op_setns_pid(struct context *c, char **arg, size_t count) {
  uint64_t flags = 0, start;
  struct stat host;
  pid_t pid = (pid_t)number(arg[0]);
  size_t first = parse_unsigned(arg[1], 10, &start) ? 2 : 1;
  for (size_t i = first; i < count; i++) {
    const struct kind *kind = find_kind(arg[i]);
    if (!kind) return errno = EINVAL, fail(c, "parse", arg[i]);
    flags |= kind->flag;
  }
  bool guarded = c->mode == MODE_RUN && flags & CLONE_NEWNS;
  if (guarded && stat("/", &host)) return fail(c, "stat", "/");
  int pidfd = sys_pidfd_open(pid);
  if (pidfd < 0) return fail(c, "pidfd_open", arg[0]);
  int result = 0;
  // With the pidfd open the number cannot be given to another process any more: now its start time tells who it is.
  if (first == 2 && start_time(c->proc_fd, pid) != start) errno = ESRCH, result = fail(c, "pidfd_open", arg[0]);
  else if (flags && setns(pidfd, (int)flags))
    result = errno == EINVAL ? join_files(c, arg[0], arg + first, count - first) : fail(c, "setns", arg[0]);
  close(pidfd);
  if (!result && guarded && !has_left(&host)) errno = EAGAIN, result = fail(c, "setns", "mnt");
  c->settings.joined_pid = true;
  // A creator who is not root has been dumpable so far; from here on processes of the container may see it.
  if (c->mode == MODE_CREATE) prctl(PR_SET_DUMPABLE, 0);
  return result;
}

int op_idmap(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.uid_map = arg[0];
  c->settings.gid_map = arg[1];
  c->settings.idmap_index = c->index;
  return 0;
}

int fail_join(struct context *c, const struct entry *refused) {
  c->index = refused->index;
  return fail(c, "setns", refused->path);
}

pid_t namespace_clone(struct context *c, uint64_t flags) {
  struct clone3_args args = {.flags = flags | CLONE3_PIDFD, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&c->init_fd};
  if (c->settings.cgroup_fd >= 0) {
    args.flags |= CLONE3_INTO_CGROUP;
    args.cgroup = (uint64_t)c->settings.cgroup_fd;
  }
  if (c->settings.user_fd) return userns_clone(c, &args);
  const struct entry *refused = joins_pid(c);
  if (refused) return fail_join(c, refused);
  pid_t init = (pid_t)sys_clone3(&args);
  return init < 0 ? fail(c, "clone3", "init") : init;
}
