// A user namespace made before the container: layers are mounted through its id map, then init is cloned inside it.
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "io.h"
#include "namespace.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

#define ATTR_IDMAP 0x00100000u  // MOUNT_ATTR_IDMAP

// A child that is in a user namespace of its own and waits to be killed; its pid, or -1.
static pid_t start_holder(void) {
  int ready[2];
  char byte = 0;
  if (pipe2(ready, O_CLOEXEC)) return -1;
  pid_t child = fork();
  if (!child) {
    if (unshare(CLONE_NEWUSER)) byte = (char)errno;
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

int op_userns(struct context *c, char **arg, size_t count) {
  (void)count;
  struct settings *s = &c->settings;
  char path[32];
  struct text t = {path, sizeof path, 0};
  pid_t holder = start_holder();
  if (holder < 0) return fail(c, "unshare", "user namespace");
  text_number(&t, (uint64_t)holder);
  text_add(&t, "/ns/user");
  c->init_pid = holder;
  s->uid_map = arg[1];
  s->gid_map = arg[2];
  int result = namespace_write_maps(c), fd = -1;
  s->uid_map = s->gid_map = NULL;
  c->init_pid = 0;
  if (!result && (fd = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC)) < 0) result = fail(c, "open", "ns/user");
  if (!result && dup3(fd, (int)number(arg[0]), O_CLOEXEC) < 0) result = fail(c, "dup3", arg[0]);
  if (fd >= 0) close(fd);
  kill(holder, SIGKILL);
  waitpid(holder, NULL, 0);
  if (!result) s->user_fd = (int)number(arg[0]);
  return result;
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

// Who joins a user namespace gives up its rights outside: a child does it, and its child becomes the monitor's (CLONE_PARENT).
pid_t userns_clone(struct context *c, struct clone3_args *args) {
  int answer[2], value = -ECHILD;
  if (pipe2(answer, O_CLOEXEC)) return -1;
  pid_t joiner = fork();
  if (!joiner) {
    args->flags = (args->flags & ~CLONE3_PIDFD) | CLONE_PARENT;
    args->exit_signal = 0;
    args->pidfd = 0;
    value = setns(c->settings.user_fd, CLONE_NEWUSER) ? -1 : (int)sys_clone3(args);
    if (!value) return 0;
    if (value < 0) value = -errno;
    _exit(write(answer[1], &value, sizeof value) != sizeof value);
  }
  close(answer[1]);
  if (joiner > 0) {
    if (read(answer[0], &value, sizeof value) != sizeof value) value = -ECHILD;
    waitpid(joiner, NULL, 0);
  }
  close(answer[0]);
  if (value > 0 && (c->init_fd = sys_pidfd_open(value)) >= 0) return value;
  if (value < 0) errno = -value;
  return -1;
}

int op_ns_root(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  if (syscall(SYS_setgroups, 0, NULL)) return fail(c, "setgroups", "0");
  if (syscall(SYS_setresgid, 0, 0, 0)) return fail(c, "setresgid", "0");
  if (syscall(SYS_setresuid, 0, 0, 0)) return fail(c, "setresuid", "0");
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
