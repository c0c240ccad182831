// tsns-tree: device nodes, fifos and extended attributes below a directory, which Node's fs cannot make.
// Reads records `<count>\0<name>\0<arg>\0...` from standard input until its end; numbers are decimal:
//
//   root DIR                       the directory all paths are relative to; once, first
//   mknod PATH MODE MAJOR MINOR    mknod(2); MODE with the file type
//   setxattr PATH NAME HEX         lsetxattr(2)
//   own PATH MODE UID GID          fchownat(2), chmod(2) of what is no symbolic link
//   times PATH SECONDS NANOS       utimensat(2), both times; SECONDS may be negative
//   spread PATH                    marks a directory as one of unrelated trees, `T` of chattr(1)
//
// Each operation that fails is answered by one line, `error INDEX OPERATION SYSCALL ERRNO`; the others still happen.
// Exit status 0 when all were tried, 2 for malformed input. No policy: what a failure means is the caller's business.
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "text.h"
#include "tree-record.h"

#define VALUE_MAX 65536  // XATTR_SIZE_MAX, xattr(7)

static int root = -1;

// What failed before stays what is told.
static void close_quietly(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
}

// Opens the parent directory of a relative path, never through a link nor out of the root, and points *name at its
// last part; "" is the root itself. -1 with errno.
static int open_parent(char *path, const char **name) {
  struct open_how how = {
      .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  };
  char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!strcmp(*name, "..") || !strcmp(*name, ".") || (slash && !**name)) return errno = EINVAL, -1;
  if (slash) *slash = 0;
  int fd = (int)syscall(SYS_openat2, root, slash ? path : ".", &how, sizeof how);
  if (slash) *slash = '/';
  return fd;
}

// Opens what a relative path names, a link itself; NULL, or the system call that failed with errno.
static const char *open_entry(char *path, int flags, int *fd) {
  const char *name;
  int parent = open_parent(path, &name);
  if (parent < 0) return "openat2";
  *fd = openat(parent, *name ? name : ".", flags | O_NOFOLLOW | O_CLOEXEC);
  close_quietly(parent);
  return *fd < 0 ? "openat" : NULL;
}

static const char *do_root(struct record *r) {
  if (root >= 0) malformed("a second root");
  root = open(r->part[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root < 0 ? "open" : NULL;
}

static const char *do_mknod(struct record *r) {
  const char *name;
  mode_t mode = (mode_t)decimal(r->part[2]);
  dev_t device = makedev((unsigned)decimal(r->part[3]), (unsigned)decimal(r->part[4]));
  int parent = open_parent(r->part[1], &name);
  if (parent < 0) return "openat2";
  bool failed = mknodat(parent, name, mode, device) < 0;
  close_quietly(parent);
  return failed ? "mknodat" : NULL;
}

static const char *do_setxattr(struct record *r) {
  static uint8_t value[VALUE_MAX];
  size_t length;
  const char *name;
  char *path = NULL;
  if (!parse_bytes(r->part[3], value, sizeof value, &length)) malformed("bytes were expected");
  int parent = open_parent(r->part[1], &name);
  if (parent < 0) return "openat2";
  if (asprintf(&path, "/proc/self/fd/%d/%s", parent, *name ? name : ".") < 0) exit(2);
  bool failed = lsetxattr(path, r->part[2], value, length, 0) < 0;
  int saved = errno;
  free(path);
  errno = saved;
  close_quietly(parent);
  return failed ? "lsetxattr" : NULL;
}

static const char *do_own(struct record *r) {
  char path[32];
  struct stat s;
  mode_t mode = (mode_t)decimal(r->part[2]);
  uid_t uid = (uid_t)decimal(r->part[3]);
  gid_t gid = (gid_t)decimal(r->part[4]);
  int fd;
  const char *failed = open_entry(r->part[1], O_PATH, &fd);
  if (failed) return failed;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0) failed = "fchownat";
  else if (fstat(fd, &s) < 0) failed = "fstat";
  else if (!S_ISLNK(s.st_mode) && chmod(path, mode) < 0) failed = "chmod";
  close_quietly(fd);
  return failed;
}

static const char *do_times(struct record *r) {
  const char *name;
  struct timespec at = {.tv_sec = (time_t)signed_decimal(r->part[2]), .tv_nsec = (long)decimal(r->part[3])};
  struct timespec both[2] = {at, at};
  int parent = open_parent(r->part[1], &name);
  if (parent < 0) return "openat2";
  bool failed = utimensat(parent, *name ? name : ".", both, AT_SYMLINK_NOFOLLOW) < 0;
  close_quietly(parent);
  return failed ? "utimensat" : NULL;
}

static const char *do_spread(struct record *r) {
  int fd, flags;
  const char *failed = open_entry(r->part[1], O_RDONLY | O_DIRECTORY, &fd);
  if (failed) return failed;
  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || (flags |= FS_TOPDIR_FL, ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)) failed = "ioctl";
  close_quietly(fd);
  return failed;
}

static const struct operation {
  const char *name;
  int count;
  const char *(*run)(struct record *r);  // NULL, or the system call that failed, errno set
} operations[] = {
    {"root", 2, do_root}, {"mknod", 5, do_mknod}, {"setxattr", 4, do_setxattr},
    {"own", 5, do_own},   {"times", 4, do_times}, {"spread", 2, do_spread},
};

static const struct operation *find(const struct record *r) {
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (!strcmp(operations[i].name, r->part[0]) && operations[i].count == r->count) return &operations[i];
  malformed("unknown operation");
}

int main(void) {
  struct record r = {0};
  umask(0);
  for (unsigned long index = 0; record_read(&r); index++) {
    const struct operation *operation = find(&r);
    if ((index == 0) != (operation->run == do_root)) malformed("the first record, and only that, is root");
    const char *call = operation->run(&r);
    if (!call) continue;
    printf("error %lu %s %s %s\n", index, operation->name, call, errno_name(errno));
    if (root < 0) break;
  }
  record_free(&r);
  return fflush(stdout) ? 2 : 0;
}
