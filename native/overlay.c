// An overlay whose list of layers is longer than the one page mount(2) takes: layer by layer with fsconfig, or with short names from
// within their directory.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "operation.h"
#include "sys.h"

static int config(int context, unsigned command, const char *key, const char *value, int aux) {
  return (int)syscall(SYS_fsconfig, context, command, key, value, aux);
}

// A word without a value; a directory by name, else by descriptor, which has no limit of length (Linux 6.13).
static int config_option(int context, const char *key, const char *path) {
  if (!*path) return config(context, CONFIG_FLAG, key, NULL, 0);
  if (strlen(path) <= CONFIG_TEXT_MAX) return config(context, CONFIG_STRING, key, path, 0);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  int failed = config(context, CONFIG_FD, key, NULL, fd), saved = errno;
  close(fd);
  errno = saved;
  return failed;
}

enum outcome { MADE, FAILED, UNKNOWN };

// UNKNOWN: this kernel takes no list of lower directories (before 6.5).
static enum outcome configure(struct context *c, int context, char **pair, size_t count) {
  if (config(context, CONFIG_STRING, "source", "overlay", 0)) return fail(c, "fsconfig", "source"), FAILED;
  for (size_t i = 0; i + 1 < count; i += 2) {
    if (!config_option(context, pair[i], pair[i + 1])) continue;
    if (errno == EINVAL && !i) return UNKNOWN;
    return fail(c, "fsconfig", pair[i + 1]), FAILED;
  }
  if (config(context, CONFIG_CREATE, NULL, NULL, 0)) return fail(c, "fsconfig", "overlay"), FAILED;
  return MADE;
}

static enum outcome make_overlay(struct context *c, const char *path, char **pair, size_t count) {
  int context = (int)syscall(SYS_fsopen, "overlay", 1u /* FSOPEN_CLOEXEC */);
  if (context < 0) return errno == ENOSYS ? UNKNOWN : (fail(c, "fsopen", "overlay"), FAILED);
  enum outcome outcome = configure(c, context, pair, count);
  int tree = outcome == MADE ? (int)syscall(SYS_fsmount, context, 1u /* FSMOUNT_CLOEXEC */, 0u) : -1;
  if (outcome == MADE && tree < 0) fail(c, "fsmount", path), outcome = FAILED;
  close(context);
  if (outcome != MADE) return outcome;
  int target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (target < 0) fail(c, "open", path), outcome = FAILED;
  else if (sys_move_mount(tree, target)) fail(c, "move_mount", path), outcome = FAILED;
  if (target >= 0) close(target);
  close(tree);
  return outcome;
}

int op_overlay(struct context *c, char **arg, size_t count) {
  const char *path = arg[0], *directory = arg[1], *data = arg[2];
  enum outcome outcome = make_overlay(c, path, arg + 3, count - 3);
  if (outcome != UNKNOWN) return outcome == MADE ? 0 : -1;
  if (!*data) return errno = E2BIG, fail(c, "mount", path);
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), result = 0;
  if (here < 0) return fail(c, "open", ".");
  if (chdir(directory)) result = fail(c, "chdir", directory);
  else if (mount("overlay", path, "overlay", 0, data)) result = fail(c, "mount", path);
  if (fchdir(here) && !result) result = fail(c, "fchdir", ".");
  close(here);
  return result;
}
