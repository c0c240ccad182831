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
#define _GNU_SOURCE
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

#define ARGS_MAX 8
#define VALUE_MAX 65536 // XATTR_SIZE_MAX, xattr(7)

struct record {
  int count;
  char *part[ARGS_MAX];
  size_t capacity[ARGS_MAX];
};

static int root = -1;

static void malformed(const char *what) {
  fprintf(stderr, "malformed input: %s\n", what);
  exit(2);
}

// One NUL-terminated word; 0 at the end of input.
static int read_word(char **word, size_t *capacity) {
  ssize_t length = getdelim(word, capacity, 0, stdin);

  if (length < 0) {
    if (ferror(stdin))
      malformed("read error");
    return 0;
  }
  if (length == 0 || (*word)[length - 1] != 0)
    malformed("a word without end");
  return 1;
}

static uint64_t decimal(const char *text) {
  uint64_t value;

  if (!parse_unsigned(text, 10, &value))
    malformed("a number was expected");
  return value;
}

static int read_record(struct record *r) {
  static char *word;
  static size_t capacity;

  if (!read_word(&word, &capacity))
    return 0;
  uint64_t count = decimal(word);

  if (count < 1 || count > ARGS_MAX)
    malformed("count");
  r->count = (int)count;
  for (int i = 0; i < r->count; i++)
    if (!read_word(&r->part[i], &r->capacity[i]))
      malformed("a record ends early");
  return 1;
}

// Opens the parent directory of a relative path, never through a link nor out of the root, and points *name at its
// last part; "" is the root itself. -1 with errno.
static int open_parent(char *path, const char **name) {
  struct open_how how = {
    .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  };
  char *slash = strrchr(path, '/');
  int fd;

  *name = slash ? slash + 1 : path;
  if (!strcmp(*name, "..") || !strcmp(*name, ".") || (slash && !**name)) {
    errno = EINVAL;
    return -1;
  }
  if (slash)
    *slash = 0;
  fd = (int)syscall(SYS_openat2, root, slash ? path : ".", &how, sizeof how);
  if (slash)
    *slash = '/';
  return fd;
}

static const char *do_mknod(struct record *r) {
  const char *name;
  mode_t mode = (mode_t)decimal(r->part[2]);
  dev_t device = makedev((unsigned)decimal(r->part[3]), (unsigned)decimal(r->part[4]));
  int parent = open_parent(r->part[1], &name);
  int failed, saved;

  if (parent < 0)
    return "openat2";
  failed = mknodat(parent, name, mode, device) < 0;
  saved = errno;
  close(parent);
  errno = saved;
  return failed ? "mknodat" : NULL;
}

static const char *do_setxattr(struct record *r) {
  static uint8_t value[VALUE_MAX];
  size_t length;
  const char *name;
  char *path = NULL;
  int parent, failed, saved;

  if (!parse_bytes(r->part[3], value, sizeof value, &length))
    malformed("bytes were expected");
  parent = open_parent(r->part[1], &name);
  if (parent < 0)
    return "openat2";
  if (asprintf(&path, "/proc/self/fd/%d/%s", parent, *name ? name : ".") < 0)
    exit(2);
  failed = lsetxattr(path, r->part[2], value, length, 0) < 0;
  saved = errno;
  free(path);
  close(parent);
  errno = saved;
  return failed ? "lsetxattr" : NULL;
}

// A signed number of seconds.
static int64_t seconds(const char *text) {
  return *text == '-' ? -(int64_t)decimal(text + 1) : (int64_t)decimal(text);
}

// Opens what a relative path names, a link itself; NULL, or the system call that failed with errno.
static const char *open_entry(char *path, int flags, int *fd) {
  const char *name;
  int parent = open_parent(path, &name), saved;

  if (parent < 0)
    return "openat2";
  *fd = openat(parent, *name ? name : ".", flags | O_NOFOLLOW | O_CLOEXEC);
  saved = errno;
  close(parent);
  errno = saved;
  return *fd < 0 ? "openat" : NULL;
}

static const char *do_own(struct record *r) {
  char path[32];
  struct stat s;
  mode_t mode = (mode_t)decimal(r->part[2]);
  uid_t uid = (uid_t)decimal(r->part[3]);
  gid_t gid = (gid_t)decimal(r->part[4]);
  int fd, saved;
  const char *failed = open_entry(r->part[1], O_PATH, &fd);

  if (failed)
    return failed;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
    failed = "fchownat";
  else if (fstat(fd, &s) < 0)
    failed = "fstat";
  else if (!S_ISLNK(s.st_mode) && chmod(path, mode) < 0)
    failed = "chmod";
  saved = errno;
  close(fd);
  errno = saved;
  return failed;
}

static const char *do_times(struct record *r) {
  const char *name;
  struct timespec at = { .tv_sec = (time_t)seconds(r->part[2]), .tv_nsec = (long)decimal(r->part[3]) };
  struct timespec both[2] = { at, at };
  int parent = open_parent(r->part[1], &name), failed, saved;

  if (parent < 0)
    return "openat2";
  failed = utimensat(parent, *name ? name : ".", both, AT_SYMLINK_NOFOLLOW) < 0;
  saved = errno;
  close(parent);
  errno = saved;
  return failed ? "utimensat" : NULL;
}

static const char *do_spread(struct record *r) {
  int fd, flags, saved;
  const char *failed = open_entry(r->part[1], O_RDONLY | O_DIRECTORY, &fd);

  if (failed)
    return failed;
  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || (flags |= FS_TOPDIR_FL, ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0))
    failed = "ioctl";
  saved = errno;
  close(fd);
  errno = saved;
  return failed;
}

static const char *do_root(struct record *r) {
  if (root >= 0)
    malformed("a second root");
  root = open(r->part[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root < 0 ? "open" : NULL;
}

static const struct operation {
  const char *name;
  int count;
  const char *(*run)(struct record *r); // NULL, or the system call that failed, errno set
} operations[] = {
  { "root", 2, do_root },
  { "mknod", 5, do_mknod },
  { "setxattr", 4, do_setxattr },
  { "own", 5, do_own },
  { "times", 4, do_times },
  { "spread", 2, do_spread },
};

static const struct operation *find(const struct record *r) {
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (!strcmp(operations[i].name, r->part[0]) && operations[i].count == r->count)
      return &operations[i];
  malformed("unknown operation");
  return NULL;
}

int main(void) {
  struct record r = { 0 };

  umask(0);
  for (unsigned long index = 0; read_record(&r); index++) {
    const struct operation *operation = find(&r);
    const char *syscall_name;

    if ((index == 0) != (operation->run == do_root))
      malformed("the first record, and only that, is root");
    syscall_name = operation->run(&r);
    if (!syscall_name)
      continue;
    printf("error %lu %s %s %s\n", index, operation->name, syscall_name, errno_name(errno));
    if (root < 0)
      break;
  }
  for (int i = 0; i < ARGS_MAX; i++)
    free(r.part[i]);
  return fflush(stdout) ? 2 : 0;
}
