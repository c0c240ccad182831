// Sources of binds that mounts listed before them have made: they are only there when init has come so far, in its mount namespace, and init may not
// reach them, or has no right to map their ids. The creator opens each when init asks, in the order of the plan.
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "channel.h"
#include "creator.h"
#include "errand.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

int op_tree_in_turn(struct context *c, char **arg, size_t count) {
  (void)c, (void)arg, (void)count;
  return 0;
}

// As an errand: 0, or the errno. The path is resolved in init's mount namespace, from where init's root is until it leaves it.
static int open_there(int init, char **arg) {
  if (setns(init, CLONE_NEWNS)) return errno;
  int tree = sys_open_tree(AT_FDCWD, arg[1], TREE_CLONE | TREE_CLOEXEC | (number(arg[2]) ? PATH_RECURSIVE : 0));
  int result = tree < 0 || dup3(tree, (int)number(arg[0]), O_CLOEXEC) < 0 ? errno : 0;
  if (tree >= 0) close(tree);
  return result;
}

static int open_tree_of(struct context *c, char **arg, size_t count) {
  if (errand(0, open_there, c->init_fd, arg)) return fail(c, "open_tree", arg[1]);
  if (count < 5) return 0;
  struct mount_change change = {.set = ATTR_IDMAP, .userns_fd = number(arg[3])};
  if (!sys_mount_setattr((int)number(arg[0]), number(arg[4]) ? PATH_RECURSIVE : 0, &change)) return 0;
  return fail(c, "mount_setattr", arg[1]);
}

int creator_send_tree(struct context *c) {
  size_t index = c->index, *next = &c->creation.next_tree;
  for (; *next < c->plan.count; ++*next) {
    const struct step *step = &c->plan.step[*next];
    if (strcmp(step->arg[-1], "tree-in-turn")) continue;
    c->index = (*next)++;
    if (open_tree_of(c, step->arg, step->count)) return -1;
    int fd = (int)number(step->arg[0]), result = channel_send(c->channel, CHANNEL_TREE, &fd, 1);
    close(fd);
    c->index = index;
    return result ? fail(c, "sendmsg", step->arg[1]) : 0;
  }
  return errno = EINVAL, fail(c, "parse", "tree-in-turn");
}

int op_take_tree(struct context *c, char **arg, size_t count) {
  char got;
  int fds[2];
  op_barrier(c, arg, count);
  if (channel_send(c->channel, CHANNEL_TREE, NULL, 0)) _exit(1);
  if (channel_receive(c->channel, &got, 1, fds) <= 0 || got != CHANNEL_TREE || fds[0] < 0) _exit(1);
  int result = dup3(fds[0], (int)number(arg[0]), O_CLOEXEC) < 0 ? fail(c, "dup3", arg[0]) : 0;
  close(fds[0]);
  return result;
}
