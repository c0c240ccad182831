// What `create` writes down of a container it has made: the file `process` in the container's directory and the pid file of whoever asked. Both are
// there before init may stay; the lock of the directory goes when all is done. The directories are opened first, so that a wrong path is told
// before anything is made.
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "creator.h"
#include "io.h"
#include "sys.h"
#include "text.h"

// Not among the numbers of the plan.
static int open_folder(const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 200);
  if (fd >= 0) close(fd);
  return high;
}

static int fail_whole(struct context *c, const char *call, const char *detail) {
  c->index = c->plan.count;
  return fail(c, call, detail);
}

int made_open(struct context *c, const char *folder, const char *pid_path) {
  struct made *made = &c->creation.made;
  if (folder && (made->folder = open_folder(folder)) < 0) return fail_whole(c, "open", folder);
  if (!pid_path) return 0;
  const char *slash = strrchr(pid_path, '/');
  static char parent[PATH_MAX];
  struct text t = {parent, sizeof parent, 0};
  if (!slash) text_add(&t, ".");
  else text_bytes(&t, pid_path, slash == pid_path ? 1 : (size_t)(slash - pid_path));
  made->pid_path = pid_path;
  made->pid_name = slash ? slash + 1 : pid_path;
  return (made->pid_folder = open_folder(parent)) < 0 ? fail_whole(c, "open", pid_path) : 0;
}

int made_write(struct context *c, uint64_t start) {
  const struct made *made = &c->creation.made;
  char line[64];
  struct text t = {line, sizeof line, 0};
  text_number(&t, (uint64_t)c->init_pid);
  size_t pid_size = t.used;
  text_add(&t, " ");
  text_number(&t, start);
  text_add(&t, "\n");
  if (made->folder > 0 && replace_file(made->folder, "process", line, t.used)) return fail_whole(c, "open", "process");
  if (made->pid_folder > 0 && replace_file(made->pid_folder, made->pid_name, line, pid_size)) return fail_whole(c, "open", made->pid_path);
  return 0;
}

void made_release(struct context *c) {
  if (c->creation.made.folder > 0) unlinkat(c->creation.made.folder, "lock.1", 0);
}
