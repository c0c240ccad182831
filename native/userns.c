// A user namespace made before the container: layers are mounted through its id map, then init is cloned inside it.
#include <errno.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io.h"
#include "map.h"
#include "namespace.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

// A child that is in a user namespace of its own and waits to be killed; its pid, or -1.
static pid_t start_holder(void) {
  int ready[2];
  char byte = 0;
  if (pipe2(ready, O_CLOEXEC)) return -1;
  pid_t child = fork();
  if (!child) {
    close(ready[0]);
    if (unshare(CLONE_NEWUSER)) byte = (char)errno;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (write(ready[1], &byte, 1) != 1 || byte) _exit(1);
    for (;;) pause();
  }
  close(ready[1]);
  ssize_t n = child < 0 ? -1 : read(ready[0], &byte, 1);
  close(ready[0]);
  if (child < 0 || (n == 1 && !byte)) return child;
  waitpid(child, NULL, 0);
  errno = n == 1 ? byte : ECHILD;
  return -1;
}

// Opens a new user namespace with these maps at that number.
static int make(struct context *c, char **arg) {
  char path[32];
  struct text t = {path, sizeof path, 0};
  pid_t holder = start_holder();
  if (holder < 0) return fail(c, "unshare", "user namespace");
  text_number(&t, (uint64_t)holder);
  text_add(&t, "/ns/user");
  int result = map_write(c, holder, arg[1], arg[2]), fd = -1;
  if (!result && (fd = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC)) < 0) result = fail(c, "open", "ns/user");
  if (!result && dup3(fd, (int)number(arg[0]), O_CLOEXEC) < 0) result = fail(c, "dup3", arg[0]);
  if (fd >= 0) close(fd);
  kill(holder, SIGKILL);
  waitpid(holder, NULL, 0);
  return result;
}

int op_userns(struct context *c, char **arg, size_t count) {
  (void)count;
  if (make(c, arg)) return -1;
  c->settings.user_fd = (int)number(arg[0]);
  return 0;
}

int op_map_namespace(struct context *c, char **arg, size_t count) {
  (void)count;
  return make(c, arg);
}

// The one that this process is in already cannot be entered (setns(2)), and need not be.
int op_join_user(struct context *c, char **arg, size_t count) {
  (void)count;
  struct stat there, here;
  int fd = (int)number(arg[0]), kind = ioctl(fd, NS_GET_NSTYPE);
  if (kind < 0) return fail(c, "NS_GET_NSTYPE", arg[0]);
  if (kind != CLONE_NEWUSER) return errno = EINVAL, fail(c, "setns", arg[0]);
  if (fstat(fd, &there) || fstatat(c->proc_fd, "self/ns/user", &here, 0)) return fail(c, "stat", arg[0]);
  if (there.st_dev != here.st_dev || there.st_ino != here.st_ino) c->settings.user_fd = fd;
  return 0;
}

int op_idmap_bind(struct context *c, char **arg, size_t count) {
  (void)count;
  struct mount_change change = {.set = ATTR_IDMAP, .userns_fd = number(arg[2])};
  int tree = sys_open_tree(AT_FDCWD, arg[0], TREE_CLONE | TREE_CLOEXEC);
  if (tree < 0) return fail(c, "open_tree", arg[0]);
  int target = -1, result = 0;
  if (sys_mount_setattr(tree, 0, &change)) result = fail(c, "mount_setattr", arg[0]);
  else if ((target = open(arg[1], O_PATH | O_CLOEXEC)) < 0) result = fail(c, "open", arg[1]);
  else if (sys_move_mount(tree, target)) result = fail(c, "move_mount", arg[1]);
  close(tree);
  if (target >= 0) close(target);
  return result;
}

// The pid namespace that was joined for children, which then are not in it: open, 0 when none was, or -1. A child in it would know init by another
// number than this process does, and hooks of the runtime do not belong in it.
static int take_pid_namespace(struct context *c) {
  struct stat there, here;
  int joined = openat(c->proc_fd, "self/ns/pid_for_children", O_RDONLY | O_CLOEXEC);
  int own = openat(c->proc_fd, "self/ns/pid", O_RDONLY | O_CLOEXEC), result = -1;
  if (joined >= 0 && own >= 0 && !fstat(joined, &there) && !fstat(own, &here)) {
    if (there.st_ino == here.st_ino) result = 0;
    else if (!setns(own, CLONE_NEWPID)) result = joined;
  }
  if (own >= 0) close(own);
  if (joined >= 0 && result != joined) close(joined);
  return result;
}

// What the child that joins tells of: the pid of its own child, or an errno below zero; the namespace it could not enter.
struct answer {
  int value;
  const struct entry *refused;
};

static struct answer join_and_clone(struct context *c, struct clone3_args *args) {
  joins_try(c);
  if (setns(c->settings.user_fd, CLONE_NEWUSER)) return (struct answer){-errno, NULL};
  const struct entry *refused = joins_pid(c);
  if (refused) return (struct answer){-errno, refused};
  int value = (int)sys_clone3(args);
  return (struct answer){value < 0 ? -errno : value, NULL};
}

// Who joins a user namespace gives up its rights outside: a child does it, and its child becomes the monitor's (CLONE_PARENT).
pid_t userns_clone(struct context *c, struct clone3_args *args) {
  struct answer told = {-ECHILD, NULL};
  int answer[2], pid_namespace = take_pid_namespace(c);
  if (pid_namespace < 0 || pipe2(answer, O_CLOEXEC)) return fail(c, "pipe2", "user namespace");
  pid_t joiner = fork();
  if (!joiner) {
    if (pid_namespace && setns(pid_namespace, CLONE_NEWPID)) _exit(1);
    args->flags = (args->flags & ~CLONE3_PIDFD) | CLONE_PARENT;
    args->exit_signal = 0;
    args->pidfd = 0;
    told = join_and_clone(c, args);
    if (!told.value) return 0;
    _exit(write(answer[1], &told, sizeof told) != sizeof told);
  }
  close(answer[1]);
  if (pid_namespace) close(pid_namespace);
  if (joiner > 0) {
    if (read(answer[0], &told, sizeof told) != sizeof told) told = (struct answer){-ECHILD, NULL};
    waitpid(joiner, NULL, 0);
  }
  close(answer[0]);
  if (told.value > 0 && (c->init_fd = sys_pidfd_open(told.value)) >= 0) return told.value;
  if (told.value < 0) errno = -told.value;
  return told.refused ? fail_join(c, told.refused) : fail(c, "clone3", "user namespace");
}

int op_ns_root(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  // EPERM: denied in this user namespace, whose groups are then those of its maker.
  if (syscall(SYS_setgroups, 0, NULL) && errno != EPERM) return fail(c, "setgroups", "0");
  if (syscall(SYS_setresgid, 0, 0, 0)) return fail(c, "setresgid", "0");
  if (syscall(SYS_setresuid, 0, 0, 0)) return fail(c, "setresuid", "0");
  // The change of credentials has taken it away.
  if (c->mode == MODE_CREATE) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return 0;
}

int op_open_ns(struct context *c, char **arg, size_t count) {
  (void)count;
  char path[64];
  struct text t = {path, sizeof path, 0};
  text_number(&t, (uint64_t)c->init_pid);
  text_add(&t, "/ns/");
  text_add(&t, arg[1]);
  int fd = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[1]);
  int result = dup3(fd, (int)number(arg[0]), O_CLOEXEC) < 0 ? fail(c, "dup3", arg[0]) : 0;
  close(fd);
  return result;
}
