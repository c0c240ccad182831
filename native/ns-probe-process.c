// Probes of processes and devices: clone3, pidfd, seccomp, BPF, io_uring, terminals, loop devices.
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/loop.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device-filter.h"
#include "ns-probe.h"
#include "sys.h"

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

// As struct clone_args of linux/sched.h, through its third version.
struct probe_clone {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

// ARG: a cgroup v2 directory to be cloned into, or empty.
static void probe_clone3(const char *directory) {
  int pidfd = -1;
  struct probe_clone args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  if (*directory) {
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) probe_fail("open(cgroup)");
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)fd;
  }
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child < 0) probe_fail(*directory ? "clone3(CLONE_INTO_CGROUP)" : "clone3");
  if (child == 0) _exit(0);
  waitpid((pid_t)child, NULL, 0);
  probe_good(*directory ? "clone3(CLONE_INTO_CGROUP)" : "clone3(CLONE_PIDFD)");
}

static void probe_pidfd(const char *arg) {
  (void)arg;
  int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (fd < 0) probe_fail("pidfd_open");
  if (syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0)) probe_fail("pidfd_send_signal");
  probe_good("pidfd_open, pidfd_send_signal");
}

static void probe_openat2(const char *arg) {
  (void)arg;
  uint64_t how[3] = {O_PATH | O_CLOEXEC, 0, IN_ROOT};  // struct open_how
  if (syscall(SYS_openat2, AT_FDCWD, "/", how, sizeof how) < 0) probe_fail("openat2");
  probe_good("openat2(RESOLVE_IN_ROOT)");
}

static void probe_close_range(const char *arg) {
  (void)arg;
  if (syscall(SYS_close_range, 3, 3, RANGE_CLOEXEC)) probe_fail("close_range");
  probe_good("close_range(CLOSE_RANGE_CLOEXEC)");
}

static void probe_seccomp(const char *arg) {
  struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog program = {1, allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) probe_fail("prctl(PR_SET_NO_NEW_PRIVS)");
  if (!*arg) {
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) probe_fail("seccomp(SECCOMP_SET_MODE_FILTER)");
    probe_good("seccomp(SECCOMP_SET_MODE_FILTER)");
  }
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) < 0)
    probe_fail("seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER)");
  probe_good("seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER)");
}

static void probe_device_filter(const char *arg) {
  (void)arg;
  struct bpf_insn code[] = {{.code = 0xb7, .imm = 1}, {.code = 0x95}};  // return 1
  if (device_filter_load(code, sizeof code) < 0) probe_fail("bpf(BPF_PROG_LOAD, CGROUP_DEVICE)");
  probe_good("bpf(BPF_PROG_LOAD, CGROUP_DEVICE)");
}

static void probe_io_uring(const char *arg) {
  (void)arg;
  uint32_t params[30] = {0};  // struct io_uring_params, 120 bytes
  if (syscall(SYS_io_uring_setup, 1, params) < 0) probe_fail("io_uring_setup");
  probe_good("io_uring_setup");
}

static void probe_keyring(const char *arg) {
  (void)arg;
  if (syscall(SYS_keyctl, 1, NULL) < 0) probe_fail("keyctl(KEYCTL_JOIN_SESSION_KEYRING)");
  probe_good("keyctl(KEYCTL_JOIN_SESSION_KEYRING)");
}

static void probe_pty(const char *arg) {
  (void)arg;
  probe_scratch();
  if (mkdir("pts", 0755)) probe_fail("mkdir");
  if (mount("devpts", "pts", "devpts", 0, "newinstance,ptmxmode=0666")) probe_fail("mount(devpts)");
  int fd = open("pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), number;
  if (fd < 0) probe_fail("open(ptmx)");
  if (ioctl(fd, TIOCGPTN, &number)) probe_fail("ioctl(TIOCGPTN)");
  probe_good("mount(devpts), open(ptmx)");
}

static void probe_quota(const char *arg) {
  (void)arg;
  // Q_SYNC << 8 without a device: all file systems; the kernel without quotas has no such call.
  if (syscall(SYS_quotactl, (int)(0x800001u << 8), NULL, 0, NULL)) probe_fail("quotactl(Q_SYNC)");
  probe_good("quotactl(Q_SYNC)");
}

// A free loop device over a file in memory; one that had to be made for it is removed again.
static void probe_loop(const char *arg) {
  (void)arg;
  char path[48];
  struct stat before;
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) probe_fail("open(/dev/loop-control)");
  int highest = -1;
  for (int i = 0; i < 1024; i++) {
    snprintf(path, sizeof path, "/sys/block/loop%d", i);
    if (stat(path, &before) == 0) highest = i;
  }
  int number = ioctl(control, LOOP_CTL_GET_FREE);
  if (number < 0) probe_fail("ioctl(LOOP_CTL_GET_FREE)");
  snprintf(path, sizeof path, "/dev/loop%d", number);
  int file = memfd_create("probe", MFD_CLOEXEC), device = open(path, O_RDWR | O_CLOEXEC), saved = errno;
  const char *failed = device < 0 ? "open(/dev/loopN)" : NULL;
  if (!failed && (ftruncate(file, 1 << 20) || ioctl(device, LOOP_SET_FD, file))) failed = "ioctl(LOOP_SET_FD)", saved = errno;
  if (!failed && ioctl(device, LOOP_CLR_FD, 0)) failed = "ioctl(LOOP_CLR_FD)", saved = errno;
  if (device >= 0) close(device);
  if (number > highest) ioctl(control, LOOP_CTL_REMOVE, number);
  errno = saved;
  if (failed) probe_fail(failed);
  probe_good("ioctl(LOOP_CTL_GET_FREE), ioctl(LOOP_SET_FD)");
}

const struct probe probe_processes[] = {
    {"clone3", probe_clone3},
    {"pidfd", probe_pidfd},
    {"openat2", probe_openat2},
    {"close_range", probe_close_range},
    {"seccomp", probe_seccomp},
    {"device-filter", probe_device_filter},
    {"io_uring", probe_io_uring},
    {"keyring", probe_keyring},
    {"pty", probe_pty},
    {"quota", probe_quota},
    {"loop", probe_loop},
    {0},
};
