// Mounts in this or another mount namespace; every operation but one begins with NAMESPACE (a file, "" for this one) and TARGET, which is
// resolved inside that namespace's root, never through a magic link:
//   mount-bind NAMESPACE TARGET SOURCE RECURSIVE SET CLEAR PROPAGATION   SOURCE is looked up here, before the namespace is entered
//   mount-overlay NAMESPACE TARGET SET DATA KEY VALUE...                 as above for the layers; DATA: the same for mount(2)
//   mount-type TARGET SOURCE TYPE FLAGS DATA                             mount(2) in this namespace; an empty string is NULL
//   mount-remove NAMESPACE TARGET FLAGS                                  umount2(2)
//   mountpoint NAMESPACE TARGET make|remove directory|file               one name; its parent is there
//   mount-list NAMESPACE                                                 mountinfo, for namespaces without processes
// Numbers are decimal: MOUNT_ATTR_* in SET and CLEAR, MS_* in PROPAGATION. Nothing is left mounted by an operation that fails.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ns.h"
#include "sys.h"
#include "text.h"

static int open_in_root(int dir, const char *path, int flags) {
  struct how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = IN_ROOT | NO_MAGICLINKS};
  int fd = -1;
  // EAGAIN: something was renamed meanwhile (openat2(2)).
  for (int i = 0; i < 16; i++) {
    fd = sys_openat2(dir, *path ? path : ".", &how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

// The root of the namespace, which is entered if one is named.
static int enter(const char *namespace) {
  if (*namespace) ns_enter(namespace, CLONE_NEWNS);
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) ns_fail("open", "/");
  return root;
}

// Opens the parent of a path; *base is its last name.
static int open_parent(int root, char *path, const char **base) {
  char *slash = strrchr(path, '/');
  *base = slash ? slash + 1 : path;
  if (!**base || !strcmp(*base, ".") || !strcmp(*base, "..")) {
    errno = EINVAL;
    return -1;
  }
  if (!slash) return open_in_root(root, "/", O_PATH | O_DIRECTORY);
  *slash = 0;
  int fd = open_in_root(root, *path ? path : "/", O_PATH | O_DIRECTORY);
  *slash = '/';
  return fd;
}

static int attach(int tree, const char *namespace, const char *path, const char *what) {
  int root = enter(namespace);
  int target = open_in_root(root, path, O_PATH);
  if (target < 0) ns_fail("open", path);
  if (sys_move_mount(tree, target)) ns_fail("move_mount", what);
  return 0;
}

int ns_mount_bind(int argc, char **argv) {
  (void)argc;
  unsigned all = number(argv[4]) ? PATH_RECURSIVE : 0;
  struct mount_change change = {.set = number(argv[5]), .clear = number(argv[6]), .propagation = number(argv[7])};
  int tree = sys_open_tree(AT_FDCWD, argv[3], TREE_CLONE | TREE_CLOEXEC | all);
  if (tree < 0) ns_fail("open_tree", argv[3]);
  if ((change.set || change.clear || change.propagation) && sys_mount_setattr(tree, all, &change)) ns_fail("mount_setattr", argv[3]);
  return attach(tree, argv[1], argv[2], argv[2]);
}

// The file system context's own words (fsopen(2)), else the target.
_Noreturn static void fail_context(int context, const char *syscall, const char *target) {
  static char said[512];
  int failed = errno;
  ssize_t n = read(context, said, sizeof said - 1);
  if (n > 0 && (said[0] == 'e' || said[0] == 'w') && said[1] == ' ') {
    said[n] = 0;
    said[strcspn(said, "\n")] = 0;
    target = said + 2;
  }
  errno = failed;
  ns_fail(syscall, target);
}

static int config(int context, unsigned command, const char *key, const char *value, int aux) {
  return (int)syscall(SYS_fsconfig, context, command, key, value, aux);
}

// One layer: by descriptor, which has no limit of length (Linux 6.13), else by name.
static int config_layer(int context, const char *key, const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) ns_fail("open", path);
  int failed = config(context, CONFIG_FD, key, NULL, fd);
  close(fd);
  if (failed && strlen(path) <= CONFIG_TEXT_MAX) failed = config(context, CONFIG_STRING, key, path, 0);
  return failed;
}

static int is_layer(const char *key) {
  return !strcmp(key, "lowerdir+") || !strcmp(key, "upperdir") || !strcmp(key, "workdir");
}

// A detached overlay mount; -1 when this kernel takes no list of lower directories (before 6.8).
static int make_overlay(int argc, char **argv, uint64_t attributes) {
  int context = (int)syscall(SYS_fsopen, "overlay", 1u /* FSOPEN_CLOEXEC */);
  if (context < 0 && errno != ENOSYS) ns_fail("fsopen", "overlay");
  if (context < 0) return -1;
  if (config(context, CONFIG_STRING, "source", "overlay", 0)) fail_context(context, "fsconfig", "source");
  for (int i = 0; i + 1 < argc; i += 2) {
    const char *key = argv[i], *value = argv[i + 1];
    int failed = is_layer(key) ? config_layer(context, key, value)
                               : config(context, *value ? CONFIG_STRING : CONFIG_FLAG, key, *value ? value : NULL, 0);
    if (!failed) continue;
    if (errno == EINVAL && is_layer(key)) {
      close(context);
      return -1;
    }
    fail_context(context, "fsconfig", value);
  }
  if (config(context, CONFIG_CREATE, NULL, NULL, 0)) fail_context(context, "fsconfig", "overlay");
  int tree = (int)syscall(SYS_fsmount, context, 1u /* FSMOUNT_CLOEXEC */, (unsigned)attributes);
  if (tree < 0) fail_context(context, "fsmount", "overlay");
  close(context);
  return tree;
}

int ns_mount_overlay(int argc, char **argv) {
  uint64_t attributes = number(argv[3]);
  int tree = make_overlay(argc - 5, argv + 5, attributes);
  if (tree >= 0) return attach(tree, argv[1], argv[2], argv[2]);
  // mount(2) looks the layers up where the target is, so it does for this namespace alone.
  if (*argv[1]) {
    errno = ENOSYS;
    ns_fail("fsconfig", "overlay");
  }
  if (mount("overlay", argv[2], "overlay", attributes & ATTR_RDONLY ? MS_RDONLY : 0, argv[4])) ns_fail("mount", argv[2]);
  return 0;
}

int ns_mount_type(int argc, char **argv) {
  (void)argc;
  const char *source = *argv[2] ? argv[2] : NULL, *type = *argv[3] ? argv[3] : NULL, *data = *argv[5] ? argv[5] : NULL;
  if (mount(source, argv[1], type, number(argv[4]), data)) ns_fail("mount", argv[1]);
  return 0;
}

int ns_mount_remove(int argc, char **argv) {
  (void)argc;
  const char *base;
  int root = enter(argv[1]);
  int parent = open_parent(root, argv[2], &base);
  if (parent < 0) ns_fail("open", argv[2]);
  // An open descriptor of the mount itself would keep it busy: it is named from its parent.
  if (fchdir(parent)) ns_fail("fchdir", argv[2]);
  if (umount2(base, (int)number(argv[3]) | UMOUNT_NOFOLLOW)) ns_fail("umount2", argv[2]);
  return 0;
}

static int make_point(int parent, const char *base, int directory) {
  if (directory) return mkdirat(parent, base, 0755);
  int fd = openat(parent, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  return fd < 0 ? -1 : close(fd);
}

int ns_mountpoint(int argc, char **argv) {
  (void)argc;
  const char *base;
  int directory = !strcmp(argv[4], "directory");
  int root = enter(argv[1]);
  int parent = open_parent(root, argv[2], &base);
  if (parent < 0) ns_fail("open", argv[2]);
  if (!strcmp(argv[3], "remove")) {
    if (unlinkat(parent, base, directory ? AT_REMOVEDIR : 0)) ns_fail("unlinkat", argv[2]);
    return 0;
  }
  umask(022);
  struct stat s;
  if (fstat(root, &s)) ns_fail("fstat", "/");
  int failed = make_point(parent, base, directory);
  // What is made in a namespace belongs to whom its root belongs to: with a user namespace that is not the host's root.
  if (!failed && (s.st_uid || s.st_gid) && fchownat(parent, base, s.st_uid, s.st_gid, AT_SYMLINK_NOFOLLOW)) ns_fail("fchownat", argv[2]);
  // A file system of a user namespace takes no file of a user it does not know.
  if (failed && errno == EOVERFLOW) {
    setfsgid(s.st_gid);
    setfsuid(s.st_uid);
    failed = make_point(parent, base, directory);
  }
  if (failed) ns_fail(directory ? "mkdir" : "open", argv[2]);
  return 0;
}

int ns_mount_list(int argc, char **argv) {
  (void)argc;
  static char buffer[65536];
  // opened before: the other namespace may have no /proc, or one of other pids
  int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (self < 0) ns_fail("open", "/proc/self");
  enter(argv[1]);
  int fd = openat(self, "mountinfo", O_RDONLY | O_CLOEXEC);
  if (fd < 0) ns_fail("open", "mountinfo");
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) != 0;) {
    if (n < 0) ns_fail("read", "mountinfo");
    for (ssize_t at = 0; at < n;) {
      ssize_t wrote = write(1, buffer + at, (size_t)(n - at));
      if (wrote < 0) ns_fail("write", "standard output");
      at += wrote;
    }
  }
  return 0;
}
