// Device filters of the unified hierarchy, bpf(2). Shared by programs that have nothing else in common.
#pragma once
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// `size` bytes of instructions; the program's descriptor, or -1 with errno.
static inline int device_filter_load(const void *code, size_t size) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uintptr_t)code;
  attr.insn_cnt = (uint32_t)(size / sizeof(struct bpf_insn));
  attr.license = (uintptr_t) "Apache-2.0";
  return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}
