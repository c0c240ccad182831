// The state directory's files. Knows their format, not when they are due.
#include "record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "sys.h"
#include "text.h"

#define AT_EXIT_BYTES 512

static void add_process(struct text *t, int proc, pid_t pid, const char *end) {
  text_number(t, (uint64_t)pid);
  text_add(t, " ");
  text_number(t, start_time(proc, pid));
  text_add(t, end);
}

// Room for the exit record is taken while there is some: a container may fill the disk before it ends.
static void keep_room(int dir) {
  static const char room[1024];
  int fd = openat(dir, ".exit", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return;
  write_all(fd, room, sizeof room);
  close(fd);
}

static bool use_room(int dir, const char *record, size_t n) {
  int fd = openat(dir, ".exit", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  bool written = !write_all(fd, record, n) && !ftruncate(fd, (off_t)n);
  close(fd);
  return written && !renameat(dir, ".exit", dir, "exit");
}

int record_running(struct context *c) {
  char line[128];
  struct text t = {line, sizeof line, 0};
  if (c->settings.state_fd < 0) return 0;
  keep_room(c->settings.state_fd);
  add_process(&t, c->proc_fd, getpid(), " ");
  add_process(&t, c->proc_fd, c->init_pid, "\n");
  return replace_file(c->settings.state_fd, "monitor", line, t.used);
}

void record_exit(struct context *c, unsigned code, unsigned signal, bool told) {
  char record[512 + AT_EXIT_MAX * (4 * AT_EXIT_BYTES + 128)], content[AT_EXIT_BYTES + 1];
  struct text t = {record, sizeof record, 0};
  struct timespec now;
  if (c->settings.state_fd < 0) return;
  clock_gettime(CLOCK_REALTIME, &now);
  text_add(&t, "code ");
  text_number(&t, code);
  text_add(&t, "\nsignal ");
  text_number(&t, signal);
  text_add(&t, "\nfinished ");
  text_number(&t, (uint64_t)now.tv_sec);
  text_add(&t, ".");
  text_padded(&t, (uint64_t)now.tv_nsec, 9);
  text_add(&t, told ? "\ntold 1\n" : "\n");
  for (size_t i = 0; i < c->settings.at_exit_count; i++) {
    char **entry = c->settings.at_exit[i];
    ssize_t n = read_file(AT_FDCWD, entry[1], content, sizeof content);
    if (n < 0) continue;
    text_bytes(&t, entry[0], strnlen(entry[0], 64));
    text_add(&t, " ");
    text_escaped(&t, content, (size_t)n);
    text_add(&t, "\n");
  }
  if (!use_room(c->settings.state_fd, record, t.used)) replace_file(c->settings.state_fd, "exit", record, t.used);
}

static void read_owner(struct context *c, struct owner *owner) {
  char line[64];
  *owner = (struct owner){c->settings.owner, c->settings.owner_start};
  if (c->settings.state_fd < 0 || read_file(c->settings.state_fd, "owner", line, sizeof line) <= 0) return;
  char *space = strchr(line, ' ');
  if (!space) return;
  *space = 0;
  space[1 + strspn(space + 1, "0123456789")] = 0;
  *owner = (struct owner){(pid_t)number(line), number(space + 1)};
}

int record_owner(struct context *c, struct owner *gone) {
  struct owner owner;
  read_owner(c, &owner);
  if (owner.pid <= 0 || (owner.pid == gone->pid && owner.start == gone->start)) return -1;
  *gone = owner;
  int fd = sys_pidfd_open(owner.pid);
  if (fd < 0 || start_time(c->proc_fd, owner.pid) == owner.start) return fd;
  close(fd);
  return -1;
}

bool record_unfinished(struct context *c) {
  return c->settings.state_fd >= 0 && !faccessat(c->settings.state_fd, "monitor", F_OK, 0);
}

void record_remove(struct context *c) {
  if (c->settings.state_fd < 0) return;
  unlinkat(c->settings.state_fd, "attach", 0);
  unlinkat(c->settings.state_fd, "monitor", 0);
}
