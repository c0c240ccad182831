// `relate`: for each path of standard input (NUL after each) and every namespace above it one line: kind, inode, inode of the user
// namespace that owns it, inode of its parent (pid and user), uid of the owner of a user namespace; "-" where the kernel says
// none or it lies out of sight. ioctl_ns(2). A path that can't be opened is left out.
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ns.h"
#include "sys.h"
#include "text.h"

// Inodes said already: open addressing, doubled when half full. Inodes are never 0.
static struct {
  uint64_t *at;
  size_t size, used;
} seen;

static size_t slot_of(const uint64_t *at, size_t size, uint64_t inode) {
  size_t slot = (size_t)(inode * 0x9e3779b97f4a7c15u >> 20) & (size - 1);
  while (at[slot] && at[slot] != inode) slot = (slot + 1) & (size - 1);
  return slot;
}

// True the first time.
static int remember(uint64_t inode) {
  if (seen.used * 2 >= seen.size) {
    size_t size = seen.size ? seen.size * 2 : 1024;
    uint64_t *at = calloc(size, sizeof *at);
    if (!at) ns_fail("malloc", "namespaces");
    for (size_t i = 0; i < seen.size; i++)
      if (seen.at[i]) at[slot_of(at, size, seen.at[i])] = seen.at[i];
    free(seen.at);
    seen.at = at;
    seen.size = size;
  }
  size_t slot = slot_of(seen.at, seen.size, inode);
  if (seen.at[slot]) return 0;
  seen.at[slot] = inode;
  seen.used++;
  return 1;
}

static uint64_t inode_of(int fd) {
  struct stat s;
  return fd < 0 || fstat(fd, &s) ? 0 : s.st_ino;
}

static void add_number(struct text *t, int known, uint64_t value) {
  text_add(t, "\t");
  if (known) text_number(t, value);
  else text_add(t, "-");
}

static void say(int fd, int type, uint64_t inode, int owner, int parent) {
  char line[160];
  struct text t = {line, sizeof line, 0};
  uid_t uid = 0;
  int known = type == CLONE_NEWUSER && !ioctl(fd, NS_GET_OWNER_UID, &uid);
  const char *name = ns_kind_name(type);
  text_add(&t, name ? name : "-");
  add_number(&t, 1, inode);
  add_number(&t, owner >= 0, inode_of(owner));
  add_number(&t, parent >= 0, inode_of(parent));
  add_number(&t, known, uid);
  text_add(&t, "\n");
  if (write(1, line, t.used) != (ssize_t)t.used) ns_fail("write", "standard output");
}

// Says a namespace and all above it; closes the descriptor. The depth of both hierarchies is limited to 32 by the kernel.
static void relate(int fd) {
  uint64_t inode = inode_of(fd);
  int type = ioctl(fd, NS_GET_NSTYPE);
  if (type >= 0 && remember(inode)) {
    int owner = ioctl(fd, NS_GET_USERNS), parent = ioctl(fd, NS_GET_PARENT);
    say(fd, type, inode, owner, parent);
    if (owner >= 0) relate(owner);
    if (parent >= 0) relate(parent);
  }
  close(fd);
}

int ns_relate(int argc, char **argv) {
  (void)argc, (void)argv;
  char path[4096];
  size_t used = 0;
  char buffer[8192];
  ssize_t n;
  while ((n = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < n; i++) {
      if (used < sizeof path) path[used++] = buffer[i];
      if (buffer[i]) continue;
      int fd = used < sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
      if (fd >= 0) relate(fd);
      used = 0;
    }
  }
  if (n < 0) ns_fail("read", "standard input");
  return 0;
}
