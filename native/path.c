// Paths inside the new root: resolved by openat2 with RESOLVE_IN_ROOT, so that no link and no .. in an image leads out, and
// created there. Mounting on them is in mount.c.
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "operation.h"
#include "path.h"
#include "sys.h"
#include "text.h"

#define DEPTH_MAX 64

int path_open(struct context *c, const char *path, int flags) {
  struct how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = IN_ROOT | NO_MAGICLINKS};
  int fd = -1;
  // EAGAIN: something was renamed meanwhile (openat2(2)).
  for (int i = 0; i < 16; i++) {
    fd = sys_openat2(c->root_fd, *path ? path : ".", &how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

struct wanted {
  mode_t mode;
  bool directory;
  unsigned depth;
};

static int make(struct context *c, const char *path, struct wanted w);

// A link that leads nowhere: what it points to is made, as if it were there (still inside the root).
static int make_target(struct context *c, int parent, const char *path, const char *base, struct wanted w) {
  char next[PATH_MAX], target[PATH_MAX];
  struct text t = {next, sizeof next, 0};
  ssize_t n = readlinkat(parent, base, target, sizeof target - 1);
  if (n <= 0) return -1;
  target[n] = 0;
  if (target[0] != '/') text_bytes(&t, path, (size_t)(base - path));
  text_add(&t, target);
  if (t.used == sizeof next - 1) return errno = ENAMETOOLONG, -1;
  return make(c, next, w);
}

// Descriptor of the parent of `path`, made when missing; `base` is the last component.
static int open_parent(struct context *c, const char *path, unsigned depth, const char **base, char *copy) {
  size_t n = strlen(path);
  if (n >= PATH_MAX) return errno = ENAMETOOLONG, -1;
  while (n && path[n - 1] == '/') n--;
  memcpy(copy, path, n);
  copy[n] = 0;
  char *slash = strrchr(copy, '/');
  *base = slash ? slash + 1 : copy;
  if (!**base || !strcmp(*base, ".") || !strcmp(*base, "..")) return errno = EINVAL, -1;
  char parent[PATH_MAX];
  n = slash ? (size_t)(slash - copy) : 0;
  memcpy(parent, copy, n);
  parent[n] = 0;
  return make(c, parent, (struct wanted){0755, true, depth + 1});
}

static int make_last(struct context *c, int parent, const char *base, struct wanted w) {
  (void)c;
  if (w.directory) return mkdirat(parent, base, w.mode);
  int fd = openat(parent, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, w.mode);
  if (fd < 0) return -1;
  return close(fd);
}

static int make(struct context *c, const char *path, struct wanted w) {
  char copy[PATH_MAX];
  const char *base;
  int fd = path_open(c, path, O_PATH | (w.directory ? O_DIRECTORY : 0));
  if (fd >= 0 || errno != ENOENT) return fd;
  if (w.depth > DEPTH_MAX) return errno = ELOOP, -1;
  int parent = open_parent(c, path, w.depth, &base, copy);
  if (parent < 0) return -1;
  if (!make_last(c, parent, base, w) || errno == EEXIST) {
    fd = path_open(c, copy, O_PATH | (w.directory ? O_DIRECTORY : 0));
    if (fd < 0 && errno == ENOENT) {
      w.depth++;
      fd = make_target(c, parent, copy, base, w);
    }
  }
  int failed = errno;
  close(parent);
  errno = failed;
  return fd;
}

int path_make(struct context *c, const char *path, mode_t mode, bool directory) {
  return make(c, path, (struct wanted){mode, directory, 0});
}

int op_root(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = open(arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[0]);
  if (c->root_fd >= 0) close(c->root_fd);
  c->root_fd = fd;
  return 0;
}

static int made(struct context *c, char **arg, bool directory) {
  uint64_t mode;
  parse_unsigned(arg[1], 8, &mode);
  int fd = path_make(c, arg[0], (mode_t)mode, directory);
  if (fd < 0) return fail(c, directory ? "mkdirat" : "openat", arg[0]);
  close(fd);
  return 0;
}

int op_mkdir_at(struct context *c, char **arg, size_t count) {
  (void)count;
  return made(c, arg, true);
}

int op_touch_at(struct context *c, char **arg, size_t count) {
  (void)count;
  return made(c, arg, false);
}

int op_chown_at(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = path_open(c, arg[0], O_PATH);
  if (fd < 0) return fail(c, "openat2", arg[0]);
  int result = fchownat(fd, "", (uid_t)number(arg[1]), (gid_t)number(arg[2]), AT_EMPTY_PATH);
  if (result) fail(c, "fchownat", arg[0]);
  close(fd);
  return result;
}

int op_symlink_at(struct context *c, char **arg, size_t count) {
  (void)count;
  char copy[PATH_MAX];
  const char *base;
  struct stat s;
  int parent = open_parent(c, arg[1], 0, &base, copy);
  if (parent < 0) return fail(c, "openat2", arg[1]);
  int result = symlinkat(arg[0], parent, base);
  if (result && errno == EEXIST && !fstatat(parent, base, &s, AT_SYMLINK_NOFOLLOW) && S_ISLNK(s.st_mode)) {
    unlinkat(parent, base, 0);
    result = symlinkat(arg[0], parent, base);
  }
  if (result) fail(c, "symlinkat", arg[1]);
  close(parent);
  return result;
}

// A user namespace may not make device nodes: the host's node of that number is bound instead.
static int bind_node(struct context *c, const char *path, mode_t mode, dev_t device) {
  char source[PATH_MAX];
  struct text t = {source, sizeof source, 0};
  struct stat s;
  text_add(&t, path);
  if (stat(source, &s) || s.st_rdev != device || (s.st_mode & S_IFMT) != (mode & S_IFMT)) {
    t.used = 0;
    text_add(&t, S_ISBLK(mode) ? "/dev/block/" : "/dev/char/");
    text_number(&t, major(device));
    text_add(&t, ":");
    text_number(&t, minor(device));
  }
  int tree = sys_open_tree(AT_FDCWD, source, TREE_CLONE | TREE_CLOEXEC), result = -1;
  if (tree < 0) return fail(c, "mknodat", path);
  int target = path_make(c, path, 0644, false);
  if (target < 0) fail(c, "openat", path);
  else if ((result = sys_move_mount(tree, target))) fail(c, "move_mount", path);
  close(tree);
  if (target >= 0) close(target);
  return result;
}

static bool is_device(int parent, const char *base, mode_t mode, dev_t device) {
  struct stat s;
  if (fstatat(parent, base, &s, AT_SYMLINK_NOFOLLOW) || (s.st_mode & S_IFMT) != (mode & S_IFMT)) return false;
  return S_ISFIFO(mode) || s.st_rdev == device;
}

int op_mknod_at(struct context *c, char **arg, size_t count) {
  char copy[PATH_MAX];
  const char *base;
  uint64_t mode;
  parse_unsigned(arg[1], 8, &mode);
  dev_t device = makedev((unsigned)number(arg[2]), (unsigned)number(arg[3]));
  int parent = open_parent(c, arg[0], 0, &base, copy);
  if (parent < 0) return fail(c, "openat2", arg[0]);
  int result = mknodat(parent, base, (mode_t)mode, device);
  if (result && errno == EEXIST && count > 4) {
    result = is_device(parent, base, (mode_t)mode, device) ? 0 : -1;
    errno = EEXIST;
  } else if (result && errno == EEXIST) {
    result = unlinkat(parent, base, 0) ? -1 : mknodat(parent, base, (mode_t)mode, device);
  }
  if (result) {
    bool refused = errno == EPERM;
    fail(c, "mknodat", arg[0]);
    if (refused) result = bind_node(c, arg[0], (mode_t)mode, device);
  }
  close(parent);
  return result;
}
