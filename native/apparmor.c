// The AppArmor profile that the command's program runs under (apparmor(7)): it holds from the next execve on.
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

// Since Linux 5.1 each security module has a directory of its own; before, the first one had the file.
static int open_attribute(void) {
  int fd = open("/proc/thread-self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  return fd < 0 && errno == ENOENT ? open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : fd;
}

// /proc is the container's: a file of the image's under that name would swallow the word (CVE-2019-16884).
static bool is_of_proc(int fd) {
  struct statfs s;
  return !fstatfs(fd, &s) && s.f_type == PROC_SUPER_MAGIC;
}

int op_apparmor(struct context *c, char **arg, size_t count) {
  (void)count;
  char word[512];
  struct text t = {word, sizeof word, 0};
  text_add(&t, "exec ");
  text_add(&t, arg[0]);
  if (t.used >= sizeof word - 1) return errno = ENAMETOOLONG, fail(c, "parse", arg[0]);
  int fd = open_attribute();
  if (fd < 0) return fail(c, "open", "/proc/thread-self/attr/apparmor/exec");
  int failed = 0;
  if (!is_of_proc(fd)) failed = EACCES;
  else if (write(fd, word, t.used) < 0) failed = errno;
  close(fd);
  errno = failed;
  return failed ? fail(c, "apparmor", arg[0]) : 0;
}
