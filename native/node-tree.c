// Device nodes for a user namespace, in which nobody may make one, and that the host does not have: the creator makes each on a file system of its
// own, in a mount namespace that is gone again, and keeps the node's mount.
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "operation.h"
#include "sys.h"
#include "text.h"

#define FOLDER "/proc"  // there is one in every root that a creator can work in
#define NODE FOLDER "/node"

// In a child, which shares the descriptors: 0, or the errno.
static int make_there(char **arg) {
  uint64_t mode;
  parse_unsigned(arg[1], 8, &mode);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return errno;
  if (mount("tmpfs", FOLDER, "tmpfs", MS_NOSUID | MS_NOEXEC, "size=4k,nr_inodes=2,mode=700")) return errno;
  if (mknod(NODE, (mode_t)mode, makedev((unsigned)number(arg[2]), (unsigned)number(arg[3])))) return errno;
  if (chown(NODE, (uid_t)number(arg[4]), (gid_t)number(arg[5])) || chmod(NODE, (mode_t)mode & 07777)) return errno;
  int tree = sys_open_tree(AT_FDCWD, NODE, TREE_CLONE | TREE_CLOEXEC);
  int result = tree < 0 || dup3(tree, (int)number(arg[0]), O_CLOEXEC) < 0 ? errno : 0;
  if (tree >= 0) close(tree);
  return result;
}

int op_node_tree(struct context *c, char **arg, size_t count) {
  (void)count;
  struct clone3_args args = {.flags = CLONE_FILES | CLONE_NEWNS, .exit_signal = SIGCHLD};
  int status = 0;
  pid_t child = (pid_t)sys_clone3(&args);
  if (!child) _exit(make_there(arg));
  if (child < 0) return fail(c, "clone3", arg[6]);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
  return errno ? fail(c, "mknod", arg[6]) : 0;
}
