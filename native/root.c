// The way into the new root: pivot_root(2), or chroot(2); where neither will do, move-root.c.
#include <sys/mount.h>
#include <sys/stat.h>

#include "operation.h"
#include "sys.h"

int op_pivot(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), result = -1;
  if (old < 0) return fail(c, "open", "/");
  if (fchdir(c->root_fd)) fail(c, "fchdir", "root");
  // The old root ends on top of the new one (pivot_root(2), "pivot_root(".", ".")"). It is what is made a slave, so that its unmounting
  // cannot reach the host's mount namespace, whatever the plan did before: a mere "." would still be the new one here, and what that shares
  // with the host is the plan's choice.
  else if (syscall(SYS_pivot_root, ".", ".")) fail(c, "pivot_root", ".");
  else if (fchdir(old)) fail(c, "fchdir", "old root");
  else if (mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL)) fail(c, "mount", "old root");
  else if (umount2(".", MNT_DETACH)) fail(c, "umount2", "old root");
  else if (chdir("/")) fail(c, "chdir", "/");
  else result = 0;
  close(old);
  return result;
}

int op_change_root(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  if (fchdir(c->root_fd)) return fail(c, "fchdir", "root");
  if (chroot(".")) return fail(c, "chroot", ".");
  return chdir("/") ? fail(c, "chdir", "/") : 0;
}
