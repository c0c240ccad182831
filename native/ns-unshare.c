// `unshare FLAGS UIDMAP GIDMAP PROC -- COMMAND...`: becomes the command in new namespaces (CLONE_NEW*, decimal). The maps are texts of uid_map
// and gid_map, empty without; PROC 1 mounts a new /proc there.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns-program.h"
#include "ns.h"
#include "sys.h"
#include "text.h"

static void make_private(int flags) {
  if ((flags & CLONE_NEWNS) && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) ns_refuse("cannot make private:", "/");
}

struct exchange {
  int up[2], down[2];
};

struct fresh {
  int flags, proc;
};

static void settle(void *context) {
  struct fresh *f = context;
  if (f->proc && mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) ns_refuse("cannot mount", "/proc");
}

// Maps of more than one id take rights outside: a child that has stayed there writes them.
static pid_t start_writer(char **argv, struct exchange *c) {
  pid_t self = getpid(), writer = fork();
  if (writer) return writer;
  char byte;
  int error = read(c->down[0], &byte, 1) != 1 ? ECHILD : ns_write_maps(self, argv[2], argv[3]) ? errno : 0;
  _exit(write(c->up[1], &error, sizeof error) != sizeof error);
}

int ns_unshare(int argc, char **argv) {
  struct fresh f = {(int)number(argv[1]), argv[4][0] == '1'};
  struct exchange c;
  int error = ECHILD;
  char byte = 'g';
  if (strcmp(argv[5], "--") || argc < 7) {
    errno = EINVAL;
    ns_refuse("no command", "");
  }
  if (pipe2(c.up, O_CLOEXEC) || pipe2(c.down, O_CLOEXEC)) ns_refuse("cannot make", "a pipe");
  pid_t writer = f.flags & CLONE_NEWUSER ? start_writer(argv, &c) : 0;
  if (writer < 0) ns_refuse("cannot start", "the writer of maps");
  if (unshare(f.flags)) ns_refuse("cannot make", "namespaces");
  if (writer) {
    if (write(c.down[1], &byte, 1) != 1 || read(c.up[0], &error, sizeof error) != sizeof error) error = ECHILD;
    waitpid(writer, NULL, 0);
    if ((errno = error)) ns_refuse("cannot write", "uid_map and gid_map");
    if (*argv[2]) ns_take_ids(0, *argv[3] ? 0 : -1);
  }
  make_private(f.flags);
  // A new time namespace is for children, too.
  if (f.flags & (CLONE_NEWPID | CLONE_NEWTIME)) ns_exec_in_child(settle, &f, argv + 6);
  settle(&f);
  ns_exec(argv + 6);
}
