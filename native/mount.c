// Mounts: by name outside, by descriptor inside the new root. Paths are resolved in path.c.
#include <errno.h>
#include <string.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "operation.h"
#include "path.h"
#include "sys.h"
#include "text.h"

static const char *or_null(const char *s) {
  return *s ? s : NULL;
}

int op_mount(struct context *c, char **arg, size_t count) {
  (void)count;
  if (mount(or_null(arg[0]), arg[1], or_null(arg[2]), number(arg[3]), or_null(arg[4]))) return fail(c, "mount", arg[1]);
  return 0;
}

int mount_on(int target, const char *source, const char *type, unsigned long flags, const char *data) {
  char path[32];
  struct text t = {path, sizeof path, 0};
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)target);
  return mount(source, path, type, flags, data);
}

static int done(struct context *c, int result, int fd, const char *call, const char *detail) {
  if (result) fail(c, call, detail);
  close(fd);
  return result;
}

// A directory, and no link to one; made where nothing is.
static int open_directory(struct context *c, const char *path) {
  int target = path_open(c, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (target >= 0 || errno != ENOENT) return target;
  int made = path_make(c, path, 0755, true);
  if (made < 0) return -1;
  close(made);
  return path_open(c, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

int op_mount_at(struct context *c, char **arg, size_t count) {
  int target = count > 5 ? open_directory(c, arg[1]) : path_open(c, arg[1], O_PATH);
  if (target < 0) return fail(c, "openat2", arg[1]);
  int result = mount_on(target, or_null(arg[0]), or_null(arg[2]), number(arg[3]), or_null(arg[4]));
  return done(c, result, target, "mount", arg[1]);
}

int op_remount_at(struct context *c, char **arg, size_t count) {
  (void)count;
  int target = path_open(c, arg[0], O_PATH);
  if (target < 0) return fail(c, "openat2", arg[0]);
  int result = mount_on(target, NULL, NULL, MS_REMOUNT | MS_BIND | number(arg[1]), NULL);
  return done(c, result, target, "mount", arg[0]);
}

// Puts a detached tree onto a target that is made after its kind, with attributes and propagation from `arg`. Closes the tree.
static int bind_tree(struct context *c, int tree, const char *source, char **arg) {
  struct stat s;
  uint64_t attributes = number(arg[1]);
  struct mount_change change = {.set = attributes, .propagation = number(arg[3])};
  if (attributes & ATTR_ATIME) change.clear = ATTR_ATIME;
  unsigned all = number(arg[2]) ? PATH_RECURSIVE : 0;
  if (fstat(tree, &s)) return done(c, -1, tree, "fstat", source);
  // 2: the mounts below come along and keep what they are.
  if (number(arg[2]) == 2 && change.set) {
    struct mount_change top = {.set = change.set, .clear = change.clear};
    if (sys_mount_setattr(tree, 0, &top)) return done(c, -1, tree, "mount_setattr", source);
    change.set = change.clear = 0;
  }
  if ((change.set || change.propagation) && sys_mount_setattr(tree, all, &change))
    return done(c, -1, tree, "mount_setattr", source);
  int target = path_make(c, arg[0], S_ISDIR(s.st_mode) ? 0755 : 0644, S_ISDIR(s.st_mode));
  if (target < 0) return done(c, -1, tree, "openat2", arg[0]);
  int result = done(c, sys_move_mount(tree, target), target, "move_mount", arg[0]);
  close(tree);
  return result;
}

int op_bind_at(struct context *c, char **arg, size_t count) {
  (void)count;
  int tree = sys_open_tree(AT_FDCWD, arg[0], TREE_CLONE | TREE_CLOEXEC | (number(arg[3]) ? PATH_RECURSIVE : 0));
  if (tree < 0) return fail(c, "open_tree", arg[0]);
  return bind_tree(c, tree, arg[0], arg + 1);
}

// What lies at `path` below the directory: no link leads out, whoever changes it meanwhile.
static int open_below(const char *directory, const char *path) {
  struct how how = {.flags = O_PATH | O_CLOEXEC, .resolve = BENEATH | NO_MAGICLINKS};
  int base = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
  if (base < 0) return -1;
  // EAGAIN: something was renamed meanwhile (openat2(2)).
  for (int i = 0; i < 16; i++) {
    fd = sys_openat2(base, path, &how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  int error = errno;
  close(base);
  errno = error;
  return fd;
}

int op_open_tree(struct context *c, char **arg, size_t count) {
  unsigned flags = TREE_CLONE | TREE_CLOEXEC | (number(arg[2]) ? PATH_RECURSIVE : 0);
  int below = count > 3 ? open_below(arg[1], arg[3]) : -1;
  if (count > 3 && below < 0) return fail(c, "openat2", arg[3]);
  int tree = count > 3 ? sys_open_tree(below, "", flags | PATH_EMPTY) : sys_open_tree(AT_FDCWD, arg[1], flags);
  if (below >= 0) close(below);
  if (tree < 0) return fail(c, "open_tree", arg[1]);
  int result = dup3(tree, (int)number(arg[0]), O_CLOEXEC) < 0 ? fail(c, "dup3", arg[0]) : 0;
  close(tree);
  return result;
}

int op_bind_tree_at(struct context *c, char **arg, size_t count) {
  (void)count;
  return bind_tree(c, (int)number(arg[0]), arg[1], arg + 1);
}

// The container's own device, where it is that one: what is masked then has nothing of the host's file system. Otherwise the host's.
static int mask_file(struct context *c, int target) {
  char path[32];
  struct text t = {path, sizeof path, 0};
  struct stat s;
  int null = path_open(c, "/dev/null", O_PATH | O_NOFOLLOW);
  bool own = null >= 0 && !fstat(null, &s) && S_ISCHR(s.st_mode) && s.st_rdev == makedev(1, 3);
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)null);
  int result = mount_on(target, own ? path : "/dev/null", NULL, MS_BIND, NULL), error = errno;
  if (null >= 0) close(null);
  errno = error;
  return result;
}

int op_mask_at(struct context *c, char **arg, size_t count) {
  (void)count;
  struct stat s;
  int target = path_open(c, arg[0], O_PATH), result;
  if (target < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : fail(c, "openat2", arg[0]);
  if (!fstat(target, &s) && S_ISDIR(s.st_mode))
    result = mount_on(target, "tmpfs", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,nr_inodes=1,mode=555");
  else
    result = mask_file(c, target);
  return done(c, result, target, "mount", arg[0]);
}

int op_readonly_at(struct context *c, char **arg, size_t count) {
  (void)count;
  struct mount_change change = {.set = ATTR_RDONLY};
  int target = path_open(c, arg[0], O_PATH);
  if (target < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : fail(c, "openat2", arg[0]);
  int tree = sys_open_tree(target, "", TREE_CLONE | TREE_CLOEXEC | PATH_RECURSIVE | PATH_EMPTY);
  if (tree < 0) return done(c, -1, target, "open_tree", arg[0]);
  int result = sys_mount_setattr(tree, PATH_RECURSIVE, &change);
  if (result) fail(c, "mount_setattr", arg[0]);
  else if ((result = sys_move_mount(tree, target))) fail(c, "move_mount", arg[0]);
  close(tree);
  close(target);
  return result;
}

static int loop_attach(struct context *c, const char *file, bool readonly, char *path, size_t size) {
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -1;
  if (control < 0) return fail(c, "open", "/dev/loop-control");
  struct loop_config config = {.info.lo_flags = LO_FLAGS_AUTOCLEAR | (readonly ? LO_FLAGS_READ_ONLY : 0u)};
  int backing = open(file, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
  if (backing < 0) return done(c, -1, control, "open", file);
  config.fd = (uint32_t)backing;
  // Between asking for a free device and taking it another process may be faster: EBUSY.
  for (int i = 0; i < 64 && loop < 0; i++) {
    struct text t = {path, size, 0};
    int free_number = ioctl(control, LOOP_CTL_GET_FREE);
    if (free_number < 0 && fail(c, "LOOP_CTL_GET_FREE", file)) break;
    text_add(&t, "/dev/loop");
    text_number(&t, (uint64_t)free_number);
    loop = open(path, O_RDWR | O_CLOEXEC);
    if (loop < 0 && fail(c, "open", "/dev/loop")) break;
    if (!ioctl(loop, LOOP_CONFIGURE, &config)) break;
    bool busy = errno == EBUSY;
    fail(c, "LOOP_CONFIGURE", file);
    close(loop);
    loop = -1;
    if (!busy) break;
  }
  close(backing);
  close(control);
  return loop;
}

// The generic words of OPTIONS become flags, the rest is the file system's.
static unsigned long mount_words(const char *options, struct text *rest) {
  static const struct {
    const char *word;
    unsigned long flag;
  } words[] = {{"ro", MS_RDONLY}, {"nosuid", MS_NOSUID}, {"nodev", MS_NODEV}, {"noexec", MS_NOEXEC}, {"noatime", MS_NOATIME}, {"rw", 0}};
  unsigned long flags = 0;
  while (*options) {
    size_t n = strcspn(options, ","), i = 0;
    while (i < sizeof words / sizeof *words && (strlen(words[i].word) != n || memcmp(words[i].word, options, n))) i++;
    if (i < sizeof words / sizeof *words) {
      flags |= words[i].flag;
    } else {
      if (rest->used) text_add(rest, ",");
      text_bytes(rest, options, n);
    }
    options += n + (options[n] == ',');
  }
  return flags;
}

int op_loop_mount(struct context *c, char **arg, size_t count) {
  (void)count;
  char path[32], data[1024] = "";
  struct text rest = {data, sizeof data, 0};
  unsigned long flags = mount_words(arg[3], &rest);
  int loop = loop_attach(c, arg[0], flags & MS_RDONLY, path, sizeof path);
  if (loop < 0) return -1;
  return done(c, mount(path, arg[1], arg[2], flags, or_null(data)), loop, "mount", arg[1]);
}
