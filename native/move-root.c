// The way into the new root on a host whose root cannot be pivoted away from. The host's mounts stay below it, out of sight but not gone: a proc or
// sysfs that is whole anywhere among them would let a user namespace in the container mount a whole one anew (mount_too_revealing of
// fs/namespace.c), whatever is masked in the container's own.
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "io.h"
#include "mount-line.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

struct list {
  char *text;
  size_t size, room;
};

// mountinfo, lines ended by NUL.
static int read_list(struct context *c, int fd, struct list *list) {
  list->size = 0;
  if (lseek(fd, 0, SEEK_SET)) return fail(c, "lseek", "mountinfo");
  for (;;) {
    if (list->room - list->size < 2) {
      char *larger = list->text ? grow_memory(list->text, list->room, list->room * 2) : map_memory(1 << 16);
      if (!larger) return fail(c, "mmap", "mountinfo");
      list->room = list->text ? list->room * 2 : 1 << 16;
      list->text = larger;
    }
    ssize_t n = read(fd, list->text + list->size, list->room - list->size - 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(c, "read", "mountinfo");
    if (!n) break;
    list->size += (size_t)n;
  }
  for (size_t i = 0; i < list->size; i++)
    if (list->text[i] == '\n') list->text[i] = 0;
  return 0;
}

static const char *next_line(const struct list *list, const char *line) {
  line = line ? line + strlen(line) + 1 : list->text;
  return line < list->text + list->size ? line : NULL;
}

static bool is_below(const char *path, const char *root) {
  size_t n = strlen(root);
  return !strncmp(path, root, n) && (!path[n] || path[n] == '/');
}

// Whether something is mounted on all of it.
static bool is_covered(const struct list *list, const struct mount_line *wanted) {
  struct mount_line m;
  for (const char *line = next_line(list, NULL); line; line = next_line(list, line))
    if (mount_line(line, &m) && m.parent == wanted->id && !strcmp(m.target, wanted->target)) return true;
  return false;
}

// The last whole view of the kernel that is not the container's and that nothing covers; false when there is none.
static bool find_view(const struct list *list, const char *root, struct mount_line *found) {
  struct mount_line m;
  bool any = false;
  for (const char *line = next_line(list, NULL); line; line = next_line(list, line))
    if (mount_line(line, &m) && m.is_view && !is_below(m.target, root) && !is_covered(list, &m)) {
      *found = m;
      any = true;
    }
  return any;
}

// They go, with what lies on top of them, or, where a user namespace holds them fast, something empty covers them.
static int hide_views(struct context *c, int mounts, const char *root, struct list *list) {
  struct mount_line view;
  uint64_t covered = 0;
  for (;;) {
    if (read_list(c, mounts, list)) return -1;
    if (!find_view(list, root, &view)) return 0;
    if (!umount2(view.target, MNT_DETACH)) continue;
    // Its path leads to another mount, that of which it is a part being hidden.
    if (view.id == covered || mount("tmpfs", view.target, "tmpfs", MS_RDONLY, "size=0,nr_inodes=1,mode=555")) break;
    covered = view.id;
  }
  struct text t = {c->failure.text, sizeof c->failure.text, 0};
  text_add(&t, view.target);
  errno = EBUSY;
  return fail(c, "umount2", c->failure.text);
}

int op_move_root(struct context *c, char **arg, size_t count) {
  char root[PATH_MAX];
  struct list list = {0};
  if (fchdir(c->root_fd)) return fail(c, "fchdir", "root");
  if (!getcwd(root, sizeof root)) return fail(c, "getcwd", "root");
  int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (mounts < 0) return fail(c, "open", "/proc/self/mountinfo");
  int result = hide_views(c, mounts, root, &list);
  if (list.text) unmap_memory(list.text, list.room);
  close(mounts);
  if (result) return result;
  if (mount(".", "/", NULL, MS_MOVE, NULL)) return fail(c, "mount", "root");
  return op_change_root(c, arg, count);
}
