// Attributes of what is mounted already, and of trees that are not mounted yet (mount_setattr(2), Linux 5.12).
#include "operation.h"
#include "path.h"
#include "sys.h"
#include "text.h"

int op_mount_set_at(struct context *c, char **arg, size_t count) {
  (void)count;
  struct mount_change change = {.set = number(arg[1]), .clear = number(arg[2]), .propagation = number(arg[4])};
  int target = path_open(c, arg[0], O_PATH);
  if (target < 0) return fail(c, "openat2", arg[0]);
  // Access times are one value of several bits: a new one takes the place of all of them.
  if (change.set & ATTR_ATIME) change.clear |= ATTR_ATIME;
  int result = sys_mount_setattr(target, number(arg[3]) ? PATH_RECURSIVE : 0, &change);
  if (result) fail(c, "mount_setattr", arg[0]);
  close(target);
  return result;
}

int op_idmap_tree(struct context *c, char **arg, size_t count) {
  (void)count;
  struct mount_change change = {.set = ATTR_IDMAP, .userns_fd = number(arg[1])};
  return sys_mount_setattr((int)number(arg[0]), number(arg[2]) ? PATH_RECURSIVE : 0, &change) ? fail(c, "mount_setattr", arg[0]) : 0;
}
