// A tmpfs over a directory that is there: it has its mode, and may begin with what it hides.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "copy-tree.h"
#include "operation.h"
#include "path.h"
#include "sys.h"
#include "text.h"

// A word NAME=... of mount data that the file system takes itself.
static bool says(const char *data, const char *name) {
  size_t n = strlen(name);
  for (; *data; data += strcspn(data, ","), data += *data == ',')
    if (!strncmp(data, name, n)) return true;
  return false;
}

static int fill(struct context *c, int below, int into, const char *data) {
  char name[256];
  if (copy_tree(below, into, name)) {
    struct text t = {c->failure.text, sizeof c->failure.text, 0};
    text_add(&t, name);
    return fail(c, "copy", c->failure.text);
  }
  struct stat s;
  if (fstat(below, &s)) return fail(c, "fstat", "");
  // An owner without a number in this user namespace: EINVAL.
  if (!says(data, "uid=") && !says(data, "gid=") && fchown(into, s.st_uid, s.st_gid) && errno != EINVAL) return fail(c, "fchown", "");
  return !says(data, "mode=") && fchmod(into, s.st_mode & 07777) ? fail(c, "fchmod", "") : 0;
}

// Without a read-only flag at first. What is mounted is found by its path anew; what lies below is open from before.
static int mount_over(struct context *c, char **arg, int below) {
  unsigned long flags = number(arg[1]);
  int target = path_open(c, arg[0], O_PATH), result = -1;
  if (target < 0) return fail(c, "openat2", arg[0]);
  if (mount_on(target, "tmpfs", "tmpfs", flags & ~(unsigned long)MS_RDONLY, *arg[2] ? arg[2] : NULL)) fail(c, "mount", arg[0]);
  else result = 0;
  close(target);
  if (result) return -1;
  int into = path_open(c, arg[0], O_RDONLY | O_DIRECTORY);
  if (into < 0) return fail(c, "openat2", arg[0]);
  struct mount_change change = {.set = ATTR_RDONLY};
  result = fill(c, below, into, arg[2]);
  if (!result && flags & MS_RDONLY && sys_mount_setattr(into, 0, &change)) result = fail(c, "mount_setattr", arg[0]);
  close(into);
  return result;
}

int op_copy_up_at(struct context *c, char **arg, size_t count) {
  (void)count;
  int below = path_open(c, arg[0], O_RDONLY | O_DIRECTORY);
  if (below < 0) return fail(c, "openat2", arg[0]);
  int result = mount_over(c, arg, below);
  close(below);
  return result;
}

int op_tmpfs_at(struct context *c, char **arg, size_t count) {
  (void)count;
  char data[4096];
  struct text t = {data, sizeof data, 0};
  struct stat s;
  int target = path_open(c, arg[1], O_PATH | O_DIRECTORY);
  bool there = target >= 0;
  if (!there) target = path_make(c, arg[1], 0755, true);
  if (target < 0) return fail(c, "openat2", arg[1]);
  text_add(&t, arg[3]);
  // Where nothing was, the mode is the kernel's, 1777.
  if (there && !says(arg[3], "mode=") && !fstat(target, &s)) {
    text_add(&t, t.used ? ",mode=" : "mode=");
    for (int shift = 9; shift >= 0; shift -= 3) text_number(&t, s.st_mode >> shift & 7);
  }
  int result = t.used < sizeof data - 1 ? mount_on(target, arg[0], "tmpfs", number(arg[2]), data) : (errno = EINVAL, -1);
  if (result) fail(c, "mount", arg[1]);
  close(target);
  return result;
}
