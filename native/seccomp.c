// The filter of system calls (seccomp(2)); who answers what it asks is in seccomp-notify.c.
#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "init.h"
#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

int seccomp_set(struct context *c, const char *hex, unsigned flags, atomic_int *told) {
  size_t used = 0, size = strlen(hex) / 2, count = size / sizeof(struct sock_filter);
  if (size % sizeof(struct sock_filter) || count > 0xffff) return errno = EINVAL, fail(c, "parse", "not whole instructions, or too many");
  uint8_t *code = map_memory(size);
  if (!code) return fail(c, "mmap", "seccomp");
  parse_bytes(hex, code, size, &used);
  struct sock_fprog program = {(unsigned short)count, (struct sock_filter *)(void *)code};
  int result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (result < 0) fail(c, "seccomp", "filter");
  if (told && result >= 0) atomic_store(told, result);
  unmap_memory(code, size);
  return result;
}

// The last before the command is set when all else has been done: it need not let that through. Process 1 that stays is to have it as well.
int op_seccomp(struct context *c, char **arg, size_t count) {
  bool last = count > 2;
  if (last && strcmp(arg[2], "last")) return errno = EINVAL, fail(c, "parse", arg[2]);
  if (last && !c->stay) init_ready(c);
  if (seccomp_set(c, arg[0], (unsigned)number(arg[1]), NULL) < 0) return -1;
  return identity_settle(c);
}
