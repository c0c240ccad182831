// A mount of another process's mount namespace as a detached tree: a child that shares the descriptors enters it and opens it, so that
// this process keeps its own namespace, root and directory.
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "io.h"
#include "errand.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

#define NO_SYMLINKS 0x04u  // RESOLVE_NO_SYMLINKS

// In the child: 0, or the errno. The path is not followed through links: what is mounted there is meant, not what somebody put in its way.
static int open_there(int pidfd, char **arg) {
  struct how how = {.flags = O_PATH | O_CLOEXEC, .resolve = NO_SYMLINKS};
  if (setns(pidfd, CLONE_NEWNS)) return errno;
  int at = sys_openat2(AT_FDCWD, arg[3], &how);
  int tree = at < 0 ? -1 : sys_open_tree(at, "", TREE_CLONE | TREE_CLOEXEC | PATH_EMPTY);
  int result = tree < 0 || dup3(tree, (int)number(arg[0]), O_CLOEXEC) < 0 ? errno : 0;
  // The table of descriptors is the parent's as well.
  if (tree >= 0) close(tree);
  if (at >= 0) close(at);
  return result;
}

int op_open_tree_pid(struct context *c, char **arg, size_t count) {
  (void)count;
  pid_t pid = (pid_t)number(arg[1]);
  int pidfd = sys_pidfd_open(pid);
  if (pidfd < 0) return fail(c, "pidfd_open", arg[1]);
  // With the pidfd open the number cannot be given to another process any more.
  if (start_time(c->proc_fd, pid) != number(arg[2])) {
    close(pidfd);
    return errno = ESRCH, fail(c, "pidfd_open", arg[1]);
  }
  int result = errand(0, open_there, pidfd, arg) ? fail(c, "open_tree", arg[3]) : 0;
  close(pidfd);
  return result;
}
