// `cgroup-devices DIR [HEX]`: without HEX the number of device programs attached to a cgroup v2 directory itself. With HEX
// (struct bpf_insn; empty: none) attaches that program and then detaches those that were there, so that at no moment nothing decides.
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device-filter.h"
#include "ns.h"
#include "text.h"

enum { programs_most = 64 };  // BPF_CGROUP_MAX_PROGS of linux/bpf-cgroup.h

static long bpf(int command, union bpf_attr *attr) {
  return syscall(SYS_bpf, command, attr, sizeof *attr);
}

static uint32_t query(int dir, uint32_t *ids, const char *path) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.query.target_fd = (uint32_t)dir;
  attr.query.attach_type = BPF_CGROUP_DEVICE;
  attr.query.prog_ids = (uintptr_t)ids;
  attr.query.prog_cnt = programs_most;
  if (bpf(BPF_PROG_QUERY, &attr) < 0) ns_fail("BPF_PROG_QUERY", path);
  return attr.query.prog_cnt;
}

static void change(int command, const char *name, int dir, int program, const char *path) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)dir;
  attr.attach_bpf_fd = (uint32_t)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = command == BPF_PROG_ATTACH ? BPF_F_ALLOW_MULTI : 0;
  if (bpf(command, &attr) < 0) ns_fail(name, path);
}

static int load(const char *hex) {
  size_t size = strlen(hex) / 2, used;
  uint8_t *code = malloc(size);
  if (!code) ns_fail("malloc", "program");
  if (size % sizeof(struct bpf_insn) || !parse_bytes(hex, code, size, &used)) {
    errno = EINVAL;
    ns_fail("parse", "not whole instructions in hexadecimal");
  }
  int program = device_filter_load(code, size);
  if (program < 0) ns_fail("BPF_PROG_LOAD", "device filter");
  free(code);
  return program;
}

int ns_cgroup_devices(int argc, char **argv) {
  const char *path = argv[1];
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) ns_fail("open", path);
  uint32_t before[programs_most];
  uint32_t count = query(dir, before, path);
  if (argc < 3) return printf("%u\n", count) < 0;
  if (*argv[2]) change(BPF_PROG_ATTACH, "BPF_PROG_ATTACH", dir, load(argv[2]), path);
  for (uint32_t i = 0; i < count; i++) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.prog_id = before[i];
    long program = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
    if (program < 0 && errno == ENOENT) continue;
    if (program < 0) ns_fail("BPF_PROG_GET_FD_BY_ID", path);
    change(BPF_PROG_DETACH, "BPF_PROG_DETACH", dir, (int)program, path);
  }
  return 0;
}
