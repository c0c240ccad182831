// `enter WORD... -- COMMAND...`: opens what the words name, enters those namespaces and becomes the command. Words, any number:
//   ns KIND PATH   a namespace to enter
//   root PATH      the command's root directory, opened before anything is entered (/proc/PID/root)
//   cwd PATH       its directory, looked up after everything was entered
//   ids UID GID    after everything was entered; -1 leaves one as it is
// Which user namespace comes first is found out: who has rights over the others enters them before giving up its own rights,
// who gets rights by the user namespace enters that one first.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "ns-program.h"
#include "ns.h"
#include "sys.h"
#include "text.h"

enum { max_namespaces = 8 };

struct entry {
  int flag, fd, entered;
  const char *path;
};

struct request {
  struct entry entries[max_namespaces];
  size_t count;
  const char *root, *cwd;
  int root_fd;
  long uid, gid;
  char **command;
};

static int flag_of(const char *kind) {
  int flag = ns_kind_flag(kind);
  if (flag) return flag;
  errno = EINVAL;
  ns_refuse("unknown kind of namespace", kind);
}

static int open_or_refuse(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) ns_refuse("cannot open", path);
  return fd;
}

static long id_of(const char *text) {
  int64_t value;
  if (parse_signed(text, &value) && value >= -1 && value < UINT32_MAX) return (long)value;
  errno = EINVAL;
  ns_refuse("no id", text);
}

static void parse(struct request *r, int argc, char **argv) {
  int at = 1;
  while (at < argc && strcmp(argv[at], "--")) {
    const char *word = argv[at];
    int left = argc - at - 1;
    if (!strcmp(word, "ns") && left >= 2 && r->count < max_namespaces) {
      r->entries[r->count++] = (struct entry){.flag = flag_of(argv[at + 1]), .fd = open_or_refuse(argv[at + 2], O_RDONLY), .path = argv[at + 2]};
      at += 3;
    } else if (!strcmp(word, "root") && left >= 1) {
      r->root = argv[at + 1];
      r->root_fd = open_or_refuse(r->root, O_PATH | O_DIRECTORY);
      at += 2;
    } else if (!strcmp(word, "cwd") && left >= 1) {
      r->cwd = argv[at + 1];
      at += 2;
    } else if (!strcmp(word, "ids") && left >= 2) {
      r->uid = id_of(argv[at + 1]);
      r->gid = id_of(argv[at + 2]);
      at += 3;
    } else {
      errno = EINVAL;
      ns_refuse("unknown word", word);
    }
  }
  if (at + 1 >= argc) {
    errno = EINVAL;
    ns_refuse("no command", "");
  }
  r->command = argv + at + 1;
}

// One round over what is left, the user namespace only if asked for. True when something was entered.
static int enter_round(struct request *r, int with_user) {
  int progress = 0;
  for (size_t i = 0; i < r->count; i++) {
    struct entry *e = &r->entries[i];
    if (e->entered || (e->flag == CLONE_NEWUSER && !with_user)) continue;
    if (setns(e->fd, e->flag)) continue;
    e->entered = progress = 1;
    close(e->fd);
  }
  return progress;
}

// Others first, then the user namespace, then what only its rights opened. A mount namespace shared with a thread or a user
// namespace that is already entered is told by the last attempt's errno.
static void enter_all(struct request *r) {
  enter_round(r, 0);
  for (size_t i = 0; i < r->count; i++) {
    struct entry *e = &r->entries[i];
    if (e->flag != CLONE_NEWUSER) continue;
    if (setns(e->fd, e->flag)) ns_refuse("cannot enter", e->path);
    e->entered = 1;
    close(e->fd);
  }
  enter_round(r, 1);
  for (size_t i = 0; i < r->count; i++) {
    struct entry *e = &r->entries[i];
    if (!e->entered && setns(e->fd, e->flag)) ns_refuse("cannot enter", e->path);
  }
}

static int has(const struct request *r, int flag) {
  for (size_t i = 0; i < r->count; i++)
    if (r->entries[i].flag == flag) return 1;
  return 0;
}

static void settle(void *context) {
  struct request *r = context;
  ns_take_ids(r->uid, r->gid);
}

int ns_enter_run(int argc, char **argv) {
  struct request r = {.root_fd = -1, .uid = -1, .gid = -1};
  parse(&r, argc, argv);
  enter_all(&r);
  if (r.root && (fchdir(r.root_fd) || chroot("."))) ns_refuse("cannot make this the root:", r.root);
  if (r.cwd && chdir(r.cwd)) ns_refuse("cannot go to", r.cwd);
  if (has(&r, CLONE_NEWPID)) ns_exec_in_child(settle, &r, r.command);
  settle(&r);
  ns_exec(r.command);
}
