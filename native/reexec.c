// Starts this program again from a read-only copy of its mount, so that /proc/PID/exe never leads a container to a file it
// could write (CVE-2019-5736).
#include "reexec.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "sys.h"
#include "text.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

// Stays open over exec: closing the last descriptor of a detached mount waits for a grace period of RCU, several
// milliseconds on a busy machine. The monitor does that when it ends.
static int readonly_clone(void) {
  struct mount_change change = {.set = ATTR_RDONLY};
  int fd = sys_open_tree(AT_FDCWD, "/proc/self/exe", TREE_CLONE);
  if (fd < 0 || !sys_mount_setattr(fd, 0, &change)) return fd;
  close(fd);
  return -1;
}

static int sealed_copy(void) {
  struct stat s;
  off_t from = 0;
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) return -1;
  int fd = (int)syscall(SYS_memfd_create, "tsns-sandbox", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  // Before 6.3 MFD_EXEC is unknown.
  if (fd < 0 && errno == EINVAL) fd = (int)syscall(SYS_memfd_create, "tsns-sandbox", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd >= 0 && !fstat(self, &s)) {
    while (from < s.st_size && sendfile(fd, self, &from, (size_t)(s.st_size - from)) > 0) continue;
    if (from < s.st_size || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)) {
      close(fd);
      fd = -1;
    }
  }
  close(self);
  return fd;
}

// The number is only believed when it is this program: a sealed copy has been closed.
static int descriptor_of(const char *digits) {
  uint64_t fd;
  struct stat own, program;
  if (!parse_unsigned(digits, 10, &fd) || fd > INT32_MAX || fstat((int)fd, &own) || stat("/proc/self/exe", &program)) return 0;
  if (own.st_dev != program.st_dev || own.st_ino != program.st_ino) return 0;
  fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  return (int)fd;
}

int reexec_readonly(char **argv, char **envp) {
  // A program started by descriptor has this name (execveat(2)).
  const char *name = (const char *)getauxval(AT_EXECFN);
  if (name && !strncmp(name, "/dev/fd/", 8)) return descriptor_of(name + 8);
  int fd = readonly_clone();
  if (fd >= 0) syscall(SYS_execveat, fd, "", argv, envp, PATH_EMPTY);
  fd = sealed_copy();
  if (fd >= 0) syscall(SYS_execveat, fd, "", argv, envp, PATH_EMPTY);
  return -1;
}
