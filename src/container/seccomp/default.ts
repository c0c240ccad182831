// The profile of containers that ask for none: what docker's documentation says its own allows (docs.docker.com, "Seccomp security profiles
// for Docker"), as a list of what is allowed. What is not named is refused with EPERM.
import type { CallArchitecture } from "./architecture.ts";
import {
  always,
  type SeccompAction,
  type SeccompArgument,
  type SeccompFilterOn,
  type SeccompProfile,
  type SeccompRule,
} from "./profile.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** What every program may, by subject. */
const everyday = words(`
  read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek sendfile sendfile64 splice tee vmsplice
  copy_file_range readahead fadvise64 fadvise64_64 fallocate truncate truncate64 ftruncate ftruncate64 sync syncfs fsync fdatasync
  sync_file_range close close_range dup dup2 dup3 fcntl fcntl64 ioctl flock umask pipe pipe2
  open openat openat2 creat access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64
  fstatfs fstatfs64 statmount listmount getcwd chdir fchdir getdents getdents64 link linkat symlink symlinkat unlink unlinkat rename renameat
  renameat2 mkdir mkdirat rmdir mknod mknodat readlink readlinkat name_to_handle_at chmod fchmod fchmodat fchmodat2 chown chown32 fchown
  fchown32 lchown lchown32 fchownat utime utimes futimesat utimensat utimensat_time64 cachestat
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr flistxattr listxattrat removexattr
  lremovexattr fremovexattr removexattrat inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark

  brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages membarrier mseal
  memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect map_shadow_stack get_thread_area set_thread_area set_tid_address
  shmget shmat shmdt shmctl semget semop semtimedop semtimedop_time64 semctl msgget msgsnd msgrcv msgctl ipc mq_open mq_unlink mq_notify
  mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64
  futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue get_robust_list set_robust_list rseq

  fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp setpgid getsid setsid kill tkill
  tgkill pidfd_open pidfd_send_signal process_mrelease prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
  restart_syscall sigaltstack signalfd signalfd4 sigprocmask sigreturn pause alarm rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 uretprobe
  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32 getgroups getgroups32
  setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32
  setfsgid setfsgid32 setgroups setgroups32 capget capset
  sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr
  sched_setattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority
  ioprio_get ioprio_set getrlimit ugetrlimit setrlimit prlimit64 getrusage getcpu times uname sysinfo getrandom riscv_hwprobe

  time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep clock_nanosleep_time64 nanosleep
  adjtimex clock_adjtime clock_adjtime64 getitimer setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
  timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64

  poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait
  epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents
  io_pgetevents_time64

  socketcall socketpair bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt shutdown send sendto sendmsg
  sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
`);

/** More, to those who have a capability. */
const byCapability: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
  CAP_SYS_ADMIN: words(`
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree
    perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare`),
  CAP_SYS_BOOT: ["reboot"],
  CAP_SYS_CHROOT: ["chroot"],
  CAP_SYS_MODULE: ["delete_module", "init_module", "finit_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_PTRACE: ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"],
  CAP_SYS_RAWIO: ["iopl", "ioperm"],
  CAP_SYS_TIME: ["settimeofday", "stime", "clock_settime", "clock_settime64"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_NICE: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
  CAP_SYSLOG: ["syslog"],
  CAP_BPF: ["bpf"],
  CAP_PERFMON: ["perf_event_open"],
};

interface Choice {
  readonly args?: readonly SeccompArgument[];
  readonly includes?: Partial<SeccompFilterOn>;
  readonly excludes?: Partial<SeccompFilterOn>;
  readonly action?: SeccompAction;
  readonly errnoRet?: number;
}

const rule = (names: readonly string[], choice: Choice = {}): SeccompRule => ({
  names,
  action: "SCMP_ACT_ALLOW",
  args: [],
  ...choice,
  includes: { ...always, ...choice.includes },
  excludes: { ...always, ...choice.excludes },
});

const first = (op: SeccompArgument["op"], value: bigint): SeccompArgument => ({ index: 0, op, value, valueTwo: 0n });

/** personality(2): PER_LINUX, PER_LINUX32, both with UNAME26, and the question for the present one. */
const personalities = [0x0n, 0x8n, 0x20000n, 0x20008n, 0xffffffffn];

const AF_VSOCK = 40n;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET of clone(2). */
const newNamespaces = 0x7e020000n;

const ENOSYS = 38;
const EPERM = 1;

/** The rules in order. */
const rules: readonly SeccompRule[] = [
  rule(everyday),
  // a hypervisor's socket reaches past every network namespace
  rule(["socket"], { args: [first("SCMP_CMP_NE", AF_VSOCK)] }),
  // before 4.8 a tracer could get round the filter (ptrace(2))
  rule(["ptrace", "process_vm_readv", "process_vm_writev"], { includes: { minKernel: [4, 8] } }),
  ...personalities.map((value) => rule(["personality"], { args: [first("SCMP_CMP_EQ", value)] })),
  rule(words("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"), { includes: { arches: ["arm64"] } }),
  rule(["arch_prctl", "modify_ldt"], { includes: { arches: ["amd64"] } }),
  ...Object.entries(byCapability).map(([name, names]) => rule(names, { includes: { caps: [name] } })),
  rule(["clone"], { args: [first("SCMP_CMP_MASKED_EQ", newNamespaces)], excludes: { caps: ["CAP_SYS_ADMIN"] } }),
  // its flags are in memory, which no filter reads: programs take clone(2) instead
  rule(["clone3"], { action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS, excludes: { caps: ["CAP_SYS_ADMIN"] } }),
];

const architectures: readonly CallArchitecture[] = ["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"];

/** Docker's default, for every host. */
export const defaultProfile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: EPERM,
  architectures,
  flags: 0,
  rules,
};
