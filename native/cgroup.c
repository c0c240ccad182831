// Control groups: joining, and device filters of the unified hierarchy.
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>

#include "device-filter.h"
#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

// Opened here, as the plan's order says; written by init, before all its operations.
int op_cgroup_join(struct context *c, char **arg, size_t count) {
  (void)count;
  struct settings *s = &c->settings;
  if (s->join_count == JOINS_MAX) return errno = E2BIG, fail(c, "parse", arg[0]);
  int fd = open(arg[0], O_WRONLY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[0]);
  s->join_file[s->join_count] = arg[0];
  s->join_index[s->join_count] = c->index;
  s->join_fd[s->join_count++] = fd;
  return 0;
}

// Of this process, which has one thread: a v1 file `tasks` takes the 0 without the kernel's lock on all threads, for which a write of
// another's pid or to cgroup.procs waits for an RCU grace period, 5 to 15 ms (cgroup_procs_write_start(), Linux 5.13).
int cgroup_join(struct context *c) {
  struct settings *s = &c->settings;
  for (size_t i = 0; i < s->join_count; i++) {
    if (write(s->join_fd[i], "0", 1) < 0) {
      c->index = s->join_index[i];
      return fail(c, "write", s->join_file[i]);
    }
    close(s->join_fd[i]);
  }
  return 0;
}

int op_cgroup_fd(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = open(arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", arg[0]);
  c->settings.cgroup_fd = fd;
  return 0;
}

static int attach_program(int dir, int program) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)dir;
  attr.attach_bpf_fd = (uint32_t)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}

int op_cgroup_devices(struct context *c, char **arg, size_t count) {
  (void)count;
  size_t used, size = strlen(arg[1]) / 2;
  if (size % sizeof(struct bpf_insn)) return errno = EINVAL, fail(c, "parse", "not whole instructions");
  int dir = open(arg[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) return fail(c, "open", arg[0]);
  uint8_t *code = map_memory(size);
  int result = -1, program = -1;
  if (!code) fail(c, "mmap", arg[0]);
  else if (!parse_bytes(arg[1], code, size, &used)) errno = EINVAL, fail(c, "parse", arg[0]);
  else if ((program = device_filter_load(code, size)) < 0) fail(c, "BPF_PROG_LOAD", arg[0]);
  else if ((result = attach_program(dir, program))) fail(c, "BPF_PROG_ATTACH", arg[0]);
  if (code) unmap_memory(code, size);
  if (program >= 0) close(program);
  close(dir);
  return result;
}
