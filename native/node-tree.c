// Device nodes for a user namespace, in which nobody may make one, and that the host does not have: the creator makes each on a file system of its
// own, in a mount namespace that is gone again, and keeps the node's mount.
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "errand.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

#define FOLDER "/proc"  // there is one in every root that a creator can work in
#define NODE FOLDER "/node"

// As an errand, in a mount namespace of its own: 0, or the errno.
static int make_there(int fd, char **arg) {
  (void)fd;
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
  return errand(CLONE_NEWNS, make_there, -1, arg) ? fail(c, "mknod", arg[6]) : 0;
}
