// Namespaces that a container joins beside a user namespace. Each belongs to a user namespace, and only who has rights there may enter it: what is
// the host's has to be entered before those rights are given up, what is the container's may need those that come with it.
#include <errno.h>
#include <sched.h>

#include "namespace.h"
#include "operation.h"
#include "text.h"

int op_join(struct context *c, char **arg, size_t count) {
  (void)count;
  struct settings *s = &c->settings;
  if (s->entry_count == ENTRIES_MAX) return errno = E2BIG, fail(c, "setns", arg[2]);
  s->entry[s->entry_count++] = (struct entry){(int)number(arg[0]), (int)number(arg[1]), arg[2], c->index, false};
  return 0;
}

void joins_try(struct context *c) {
  for (size_t i = 0; i < c->settings.entry_count; i++) {
    struct entry *e = &c->settings.entry[i];
    e->done = !setns(e->fd, e->flag);
  }
}

const struct entry *joins_pid(struct context *c) {
  for (size_t i = 0; i < c->settings.entry_count; i++) {
    struct entry *e = &c->settings.entry[i];
    if (e->flag == CLONE_NEWPID && !e->done && setns(e->fd, e->flag)) return e;
  }
  return NULL;
}

bool join_done(const struct context *c, int fd) {
  for (size_t i = 0; i < c->settings.entry_count; i++)
    if (c->settings.entry[i].fd == fd) return c->settings.entry[i].done;
  return false;
}
