// Copies of directory trees, by descriptors: no name is resolved through a link. Knows nothing of sandboxes.
#include "copy-tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "io.h"
#include "sys.h"

#define DEPTH_MAX 128
#define LINKS_SIZE (1u << 20)  // beyond that a link becomes a file of its own

// Files that have several names, as they are met, and the path of the copy, in the order they came. A tree may have files of several file systems: of
// mounts, of the layers of an overlay.
struct link {
  dev_t device;
  ino_t number;
  size_t size;
  char path[];
};

struct copy {
  dev_t device;
  int to;  // the top of the copy
  char path[PATH_MAX], *links, *name;
  size_t length, links_used;
};

struct entry {  // of getdents64(2)
  uint64_t number;
  int64_t next;
  unsigned short size;
  unsigned char type;
  char name[];
};

// An owner that a user namespace has no number for cannot be given: it stays this process's.
static int own(int dir, const char *name, const struct stat *s, int flags) {
  return fchownat(dir, name, s->st_uid, s->st_gid, flags | AT_SYMLINK_NOFOLLOW) && errno != EINVAL ? -1 : 0;
}

static int set_times(int dir, const char *name, const struct stat *s) {
  struct timespec times[] = {s->st_atim, s->st_mtim};
  return utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW);
}

// After the owner: whoever gets a file loses its set-user-ID bit.
static int set_attributes(int fd, const struct stat *s) {
  struct timespec times[] = {s->st_atim, s->st_mtim};
  return own(fd, "", s, AT_EMPTY_PATH) || fchmod(fd, s->st_mode & 07777) || futimens(fd, times) ? -1 : 0;
}

static const char *linked(const struct copy *c, const struct stat *s) {
  for (size_t at = 0; at < c->links_used;) {
    const struct link *l = (const struct link *)(const void *)(c->links + at);
    if (l->device == s->st_dev && l->number == s->st_ino) return l->path;
    at += l->size;
  }
  return NULL;
}

static void remember(struct copy *c, const struct stat *s) {
  size_t size = (sizeof(struct link) + c->length + 1 + 15) / 16 * 16;
  if (!c->links) c->links = map_memory(LINKS_SIZE);
  if (!c->links || c->links_used + size > LINKS_SIZE) return;
  struct link *l = (struct link *)(void *)(c->links + c->links_used);
  l->device = s->st_dev;
  l->number = s->st_ino;
  l->size = size;
  memcpy(l->path, c->path, c->length + 1);
  c->links_used += size;
}

static int copy_content(int from, int to) {
  ssize_t n;
  while ((n = sendfile(to, from, NULL, 1 << 30)) > 0) continue;
  return n < 0 ? -1 : 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *s) {
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out = -1, result = -1;
  if (in >= 0 && (out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0)
    result = copy_content(in, out) || set_attributes(out, s) ? -1 : 0;
  int error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  errno = error;
  return result;
}

static int copy_link(int from, int to, const char *name, const struct stat *s) {
  char target[PATH_MAX];
  ssize_t n = readlinkat(from, name, target, sizeof target - 1);
  if (n < 0) return -1;
  target[n] = 0;
  return symlinkat(target, to, name) || own(to, name, s, 0) || set_times(to, name, s) ? -1 : 0;
}

static int copy_node(int from, int to, const char *name, const struct stat *s) {
  (void)from;
  if (mknodat(to, name, s->st_mode, s->st_rdev) || own(to, name, s, 0)) return -1;
  return fchmodat(to, name, s->st_mode & 07777, 0) || set_times(to, name, s) ? -1 : 0;
}

static int copy_entries(struct copy *c, int from, int to, unsigned depth);

// What is mounted on a directory stays where it is.
static int copy_directory(struct copy *c, int from, int to, const struct stat *s, unsigned depth) {
  int in = openat(from, c->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), out = -1, result = -1;
  if (in >= 0 && !mkdirat(to, c->name, 0700) && (out = openat(to, c->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) >= 0)
    result = (s->st_dev == c->device && copy_entries(c, in, out, depth + 1)) || set_attributes(out, s) ? -1 : 0;
  int error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  errno = error;
  return result;
}

static int copy_one(struct copy *c, int from, int to, unsigned depth) {
  struct stat s;
  const char *name = c->name, *first;
  if (fstatat(from, name, &s, AT_SYMLINK_NOFOLLOW)) return -1;
  if (S_ISDIR(s.st_mode)) return copy_directory(c, from, to, &s, depth);
  if (s.st_nlink > 1 && (first = linked(c, &s))) return linkat(c->to, first, to, name, 0);
  if (s.st_nlink > 1) remember(c, &s);
  return (S_ISREG(s.st_mode) ? copy_file : S_ISLNK(s.st_mode) ? copy_link : copy_node)(from, to, name, &s);
}

static int copy_named(struct copy *c, int from, int to, const char *name, unsigned depth) {
  size_t before = c->length, n = strlen(name);
  if (before + n + 2 > sizeof c->path) return errno = ENAMETOOLONG, -1;
  if (before) c->path[c->length++] = '/';
  c->name = c->path + c->length;
  memcpy(c->name, name, n + 1);
  c->length += n;
  if (copy_one(c, from, to, depth)) return -1;
  c->length = before;
  c->path[before] = 0;
  return 0;
}

static int copy_entries(struct copy *c, int from, int to, unsigned depth) {
  char room[4096] __attribute__((aligned(8)));
  ssize_t n;
  if (depth > DEPTH_MAX) return errno = ELOOP, -1;
  while ((n = syscall(SYS_getdents64, from, room, sizeof room)) > 0)
    for (ssize_t at = 0; at < n;) {
      const struct entry *e = (const struct entry *)(const void *)(room + at);
      at += e->size;
      if (!strcmp(e->name, ".") || !strcmp(e->name, "..")) continue;
      if (copy_named(c, from, to, e->name, depth)) return -1;
    }
  return n < 0 ? -1 : 0;
}

int copy_tree(int from, int to, char name[256]) {
  struct copy c = {.to = to, .length = 0};
  struct stat s;
  c.name = c.path;
  int result = fstat(from, &s) ? -1 : (c.device = s.st_dev, copy_entries(&c, from, to, 0)), error = errno;
  memcpy(name, c.name, strnlen(c.name, 255) + 1);
  name[255] = 0;
  if (c.links) unmap_memory(c.links, LINKS_SIZE);
  errno = error;
  return result;
}
