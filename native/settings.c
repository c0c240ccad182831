// Operations that only note what the monitor is to do later, and those that open something for it.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "operation.h"
#include "text.h"
#include "title.h"

static int wrong(struct context *c, const char *detail) {
  errno = EINVAL;
  return fail(c, "parse", detail);
}

int op_state(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = open(arg[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[0]);
  c->settings.state_fd = fd;
  c->settings.state_index = c->index;
  title_set("tsns-monitor", arg[0]);
  return 0;
}

int op_title(struct context *c, char **arg, size_t count) {
  (void)c, (void)count;
  title_set("tsns-monitor", arg[0]);
  return 0;
}

int op_stdio(struct context *c, char **arg, size_t count) {
  (void)count;
  static const char *const word[] = {"null", "pipe", "pty", "inherit"};
  bool creates = c->mode == MODE_CREATE;
  for (unsigned i = 0; i < 4; i++)
    if (!strcmp(word[i], arg[0]) && i != (creates ? STDIO_PIPE : STDIO_INHERIT)) return (int)(c->settings.io = (enum stdio_kind)i) * 0;
  return wrong(c, arg[0]);
}

int op_stdin(struct context *c, char **arg, size_t count) {
  (void)count;
  static const char *const word[] = {"none", "open", "once"};
  for (unsigned i = 0; i < 3; i++)
    if (!strcmp(word[i], arg[0])) return (int)(c->settings.in = (enum stdin_kind)i) * 0;
  return wrong(c, arg[0]);
}

int op_owner(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.owner = (pid_t)number(arg[0]);
  c->settings.owner_start = number(arg[1]);
  return 0;
}

int op_on_exit(struct context *c, char **arg, size_t count) {
  c->settings.on_exit = arg;
  c->settings.on_exit_count = count;
  return 0;
}

int op_at_exit(struct context *c, char **arg, size_t count) {
  (void)count;
  if (c->settings.at_exit_count == AT_EXIT_MAX) return wrong(c, "too many at-exit");
  c->settings.at_exit[c->settings.at_exit_count++] = arg;
  return 0;
}

int op_open(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = open(arg[1], O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[1]);
  int result = dup3(fd, (int)number(arg[0]), O_CLOEXEC);
  if (result < 0) fail(c, "dup3", arg[0]);
  close(fd);
  return result < 0 ? -1 : 0;
}
