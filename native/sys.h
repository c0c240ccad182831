// Linux system calls and constants newer than the oldest C library this builds with. Knows numbers and layouts, nothing of sandboxes.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// Numbers from 424 on are the same on every architecture but alpha.
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#define TREE_CLONE 1u           // OPEN_TREE_CLONE
#define TREE_CLOEXEC O_CLOEXEC  // OPEN_TREE_CLOEXEC
#define PATH_EMPTY 0x1000       // AT_EMPTY_PATH
#define PATH_RECURSIVE 0x8000   // AT_RECURSIVE
#define MOVE_FROM_EMPTY 0x4u    // MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_TO_EMPTY 0x40u     // MOVE_MOUNT_T_EMPTY_PATH
#define ATTR_RDONLY 0x1u        // MOUNT_ATTR_RDONLY
#define ATTR_ATIME 0x70u        // MOUNT_ATTR__ATIME
#define ATTR_IDMAP 0x00100000u  // MOUNT_ATTR_IDMAP
#define BENEATH 0x08u           // RESOLVE_BENEATH
#define IN_ROOT 0x10u           // RESOLVE_IN_ROOT
#define NO_MAGICLINKS 0x02u     // RESOLVE_NO_MAGICLINKS
#define RANGE_CLOEXEC 4u        // CLOSE_RANGE_CLOEXEC

#define CONFIG_FLAG 0u          // FSCONFIG_SET_FLAG
#define CONFIG_STRING 1u        // FSCONFIG_SET_STRING
#define CONFIG_FD 5u            // FSCONFIG_SET_FD
#define CONFIG_CREATE 6u        // FSCONFIG_CMD_CREATE
#define CONFIG_TEXT_MAX 255u    // bytes of a text that fsconfig(2) takes

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define CLONE3_PIDFD 0x1000ull
#define CLONE3_INTO_CGROUP 0x200000000ull

struct clone3_args {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
struct how {
  uint64_t flags, mode, resolve;
};
struct mount_change {
  uint64_t set, clear, propagation, userns_fd;
};

static inline int sys_open_tree(int dir, const char *path, unsigned flags) {
  return (int)syscall(SYS_open_tree, dir, path, flags);
}
static inline int sys_move_mount(int from, int to) {
  return (int)syscall(SYS_move_mount, from, "", to, "", MOVE_FROM_EMPTY | MOVE_TO_EMPTY);
}
static inline int sys_mount_setattr(int fd, unsigned flags, struct mount_change *change) {
  return (int)syscall(SYS_mount_setattr, fd, "", flags | PATH_EMPTY, change, sizeof *change);
}
static inline int sys_openat2(int dir, const char *path, struct how *how) {
  return (int)syscall(SYS_openat2, dir, path, how, sizeof *how);
}
static inline long sys_clone3(struct clone3_args *args) {
  return syscall(SYS_clone3, args, sizeof *args);
}
static inline int sys_pidfd_open(pid_t pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}
static inline int sys_pidfd_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
static inline int sys_close_range(unsigned first, unsigned last, unsigned flags) {
  return (int)syscall(SYS_close_range, first, last, flags);
}
