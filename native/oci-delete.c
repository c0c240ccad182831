// Takes away a container that has stopped: its groups as the journal `undo` names them, then its directory. What is not over at once is left to
// Node, which begins anew: nothing here is done twice with another meaning.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "oci.h"
#include "plan.h"
#include "text.h"

#define UNDO_MAX 65536
#define TRIES 100

static bool has_stopped(const struct oci_container *c) {
  struct oci_process process;
  return oci_process_read(c, &process) && oci_process_ended(&process);
}

// A process leaves its groups a moment after its parent has been told of its end.
static bool remove_group(const char *path) {
  for (int i = 0; i < TRIES; i++) {
    if (!rmdir(path) || errno == ENOENT) return true;
    if (errno != EBUSY) return false;
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  }
  return false;
}

static bool undo(const struct oci_container *c) {
  static char text[UNDO_MAX];
  struct plan plan = {.text = text};
  struct plan_fault fault;
  ssize_t n = read_file(c->directory, "undo", text, sizeof text);
  if (n < 0 || n >= UNDO_MAX - 1) return false;
  if (!n) return true;
  plan.size = (size_t)n;
  plan.table_size = plan_table_size(text, plan.size);
  plan.table = map_memory(plan.table_size);
  if (!plan.table || !plan_parse(&plan, &fault)) return false;
  for (size_t i = 0; i < plan.count; i++) {
    const struct step *s = &plan.step[i];
    if (strcmp(s->arg[-1], "rmdir-tree") || s->count != 1 || !remove_group(s->arg[0])) return false;
  }
  return true;
}

// "lock.1", which whoever makes, changes or deletes a container has; any lock at all is somebody else's, or was.
static bool take_lock(const struct oci_container *c) {
  char own[32], line[64];
  struct text t = {own, sizeof own, 0}, l = {line, sizeof line, 0};
  DIR *list = fdopendir(openat(c->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!list) return false;
  bool held = false;
  for (struct dirent *entry; (entry = readdir(list));) held |= !strncmp(entry->d_name, "lock", 4);
  closedir(list);
  if (held) return false;
  int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  text_add(&t, "lock-");
  text_number(&t, (uint64_t)getpid());
  text_number(&l, (uint64_t)getpid());
  text_add(&l, " ");
  text_number(&l, start_time(proc, getpid()));
  text_add(&l, "\n");
  close(proc);
  int fd = openat(c->directory, own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool taken = !write_all(fd, line, l.used) && !linkat(c->directory, own, c->directory, "lock.1", 0);
  close(fd);
  unlinkat(c->directory, own, 0);
  return taken;
}

// Whoever takes a directory away lets go of its "lock.1" in the end: who gets that then has nothing, and the id may be a newer container's. One that is
// there while its lock is held is taken away, and its groups are, by nobody else.
static bool is_named(const struct oci_container *c) {
  struct stat named, own;
  return !fstatat(c->root, c->id, &named, AT_SYMLINK_NOFOLLOW) && !fstat(c->directory, &own) && named.st_dev == own.st_dev &&
         named.st_ino == own.st_ino;
}

// Out of sight at once, as one directory, and then away.
static bool remove_directory(const struct oci_container *c) {
  char gone[64];
  struct text t = {gone, sizeof gone, 0};
  int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  text_add(&t, "@gone-");
  text_number(&t, (uint64_t)getpid());
  text_add(&t, "-");
  text_number(&t, start_time(proc, getpid()));
  close(proc);
  if (renameat(c->root, c->id, c->root, gone)) return false;
  DIR *list = fdopendir(openat(c->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (struct dirent *entry; list && (entry = readdir(list));)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) unlinkat(c->directory, entry->d_name, 0);
  if (list) closedir(list);
  // What is left of it is swept by whoever deletes the next one.
  unlinkat(c->root, gone, AT_REMOVEDIR);
  return true;
}

enum oci_outcome oci_delete(const struct oci_container *c) {
  if (!take_lock(c)) return OCI_DOUBT;
  if (is_named(c) && has_stopped(c) && undo(c) && remove_directory(c)) return OCI_DONE;
  unlinkat(c->directory, "lock.1", 0);
  return OCI_DOUBT;
}
