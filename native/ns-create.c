// `create BASE FLAGS UIDMAP GIDMAP HOLDER KIND=FILE...`: makes namespaces (CLONE_NEW*, decimal) and keeps each alive by a bind mount of
// it on FILE, below the directory BASE, which becomes a private mount of its own unless it is one. The maps are texts of uid_map and
// gid_map, empty without. A pid namespace lives by its process 1: that one stays behind as `tsns-hold`, its pid and start are written
// to the file HOLDER. A create that is killed leaves no process behind.
// `release FILE...`: undoes the bind mounts and removes the files; what is not there is no error.
// `retire BASE`: takes the private mount and the directory away when nothing is in it.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns-program.h"
#include "ns.h"
#include "sys.h"
#include "text.h"

struct channel {
  int up[2], down[2];
  // Of the whole program.
  int argc;
  char **argv;
};

// What ps shows: the arguments lie in one piece, the kernel prints what is written there (proc_pid_cmdline(5)).
static void take_title(int argc, char **argv, const char *title) {
  char *end = argv[argc - 1] + strlen(argv[argc - 1]);
  size_t size = (size_t)(end - argv[0]), length = strlen(title);
  if (size <= length) return;
  memset(argv[0], 0, size);
  memcpy(argv[0], title, length);
}

// Process 1 of the new pid namespace: reaps what is left to it, and waits to be killed.
_Noreturn static void hold(struct channel *c) {
  char byte = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "tsns-hold");
  signal(SIGCHLD, SIG_IGN);
  close(c->down[1]);
  if (read(c->down[0], &byte, 1) != 1) _exit(1);
  setsid();
  if (chdir("/")) _exit(1);
  take_title(c->argc, c->argv, "tsns-hold");
  prctl(PR_SET_PDEATHSIG, 0);
  byte = 'h';
  if (write(c->up[1], &byte, 1) != 1) _exit(1);
  sys_close_range(0, ~0u, 0);
  for (;;) pause();
}

struct made {
  int error;
  pid_t holder;
};

_Noreturn static void member(int flags, struct channel *c) {
  struct made said = {0, 0};
  char byte;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(c->down[1]);
  if (unshare(flags)) said.error = errno;
  // What is mounted inside stays inside.
  if (!said.error && (flags & CLONE_NEWNS) && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) said.error = errno;
  if (!said.error && (flags & CLONE_NEWPID)) {
    said.holder = fork();
    if (!said.holder) hold(c);
    if (said.holder < 0) said.error = errno;
  }
  if (write(c->up[1], &said, sizeof said) != sizeof said || said.error) _exit(1);
  // Until the parent closes its end: the holder takes its own byte from the same pipe.
  if (!said.holder && read(c->down[0], &byte, 1) < 0) _exit(1);
  for (; said.holder;) pause();
  _exit(0);
}

static void bind_all(pid_t pid, int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    char source[64], kind[32];
    char *equals = strchr(argv[i], '=');
    if (!equals || equals - argv[i] >= 12) {
      errno = EINVAL;
      ns_fail("bind", argv[i]);
    }
    struct text t = {kind, sizeof kind, 0};
    text_add(&t, "ns/");
    text_bytes(&t, argv[i], (size_t)(equals - argv[i]));
    // Its own pid and time namespaces are the old ones: those are for its children.
    if (!strncmp(argv[i], "pid=", 4) || !strncmp(argv[i], "time=", 5)) text_add(&t, "_for_children");
    kind[t.used] = 0;
    ns_proc_path(source, sizeof source, pid, kind);
    int fd = open(equals + 1, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0) ns_fail("open", equals + 1);
    close(fd);
    if (mount(source, equals + 1, NULL, MS_BIND, NULL)) ns_fail("mount", equals + 1);
  }
}

// `pid starttime\n`; field 22 of proc_pid_stat(5), counted after the name's closing parenthesis.
static void write_holder(pid_t holder, const char *file) {
  char path[64], stat[1024], line[64];
  ns_proc_path(path, sizeof path, holder, "stat");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);
  if (n < 0) ns_fail("read", path);
  close(fd);
  stat[n] = 0;
  char *at = strrchr(stat, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  if (!at) ns_fail("read", path);
  struct text t = {line, sizeof line, 0};
  text_number(&t, (uint64_t)holder);
  text_bytes(&t, at, strcspn(at + 1, " ") + 1);
  text_add(&t, "\n");
  int out = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0 || write(out, line, t.used) != (ssize_t)t.used) ns_fail("write", file);
  close(out);
}

static void open_channel(struct channel *c) {
  if (pipe2(c->up, O_CLOEXEC) || pipe2(c->down, O_CLOEXEC)) ns_fail("pipe2", "channel");
}

// A mount namespace can only be bound where its mount goes nowhere else (mount_namespaces(7)). Two creates take turns.
static void own_mount(const char *base) {
  int fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || flock(fd, LOCK_EX)) ns_fail("open", base);
  if (!mount(NULL, base, NULL, MS_PRIVATE, NULL)) return;
  if (errno != EINVAL) ns_fail("mount", base);
  if (mount(base, base, NULL, MS_BIND, NULL) || mount(NULL, base, NULL, MS_PRIVATE, NULL)) ns_fail("mount", base);
}

int ns_release(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (umount2(argv[i], MNT_DETACH | UMOUNT_NOFOLLOW) && errno != EINVAL && errno != ENOENT) ns_fail("umount2", argv[i]);
    if (unlink(argv[i]) && errno != ENOENT) ns_fail("unlink", argv[i]);
  }
  return 0;
}

static int is_empty(int fd) {
  char entries[256];
  // "." and "..", 24 bytes each; a third entry is the next call's or makes this one longer.
  long n = syscall(SYS_getdents64, fd, entries, sizeof entries);
  return n >= 0 && n <= 48 && syscall(SYS_getdents64, fd, entries, sizeof entries) == 0;
}

int ns_retire(int argc, char **argv) {
  (void)argc;
  int fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return 0;
  // Who is about to make a set has made its directory before it waits here.
  if (flock(fd, LOCK_EX)) ns_fail("flock", argv[1]);
  if (!is_empty(fd)) return 0;
  if (umount2(argv[1], MNT_DETACH | UMOUNT_NOFOLLOW) && errno != EINVAL) ns_fail("umount2", argv[1]);
  if (rmdir(argv[1]) && errno != ENOTEMPTY && errno != ENOENT) ns_fail("rmdir", argv[1]);
  return 0;
}

static pid_t start_member(int flags, long cpu, struct channel *c, struct made *said) {
  open_channel(c);
  pid_t child = fork();
  if (child < 0) ns_fail("fork", "member");
  if (!child) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    if (cpu >= 0) sched_setaffinity(0, sizeof one, &one);
    member(flags, c);
  }
  close(c->up[1]);
  close(c->down[0]);
  if (read(c->up[0], said, sizeof *said) != sizeof *said) said->error = ECHILD;
  if ((errno = said->error)) ns_fail("unshare", "namespaces");
  return child;
}

static void end_member(pid_t child, struct channel *c) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  close(c->up[0]);
  close(c->down[1]);
}

// Whether a mount namespace can be bound here: it must be younger than this one, by numbers that Linux 6.18 hands out to each processor
// in batches, so that a new one may look older.
static int looks_older(pid_t child, int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "mnt=", 4)) continue;
    char source[64];
    ns_proc_path(source, sizeof source, child, "ns/mnt");
    int fd = open(argv[i] + 4, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0) ns_fail("open", argv[i] + 4);
    close(fd);
    if (mount(source, argv[i] + 4, NULL, MS_BIND, NULL)) return errno == EINVAL;
    if (umount2(argv[i] + 4, MNT_DETACH)) ns_fail("umount2", argv[i] + 4);
  }
  return 0;
}

int ns_create(int argc, char **argv) {
  const char *base = argv[1];
  int flags = (int)number(argv[2]);
  struct channel c = {.argc = argc + 1, .argv = argv - 1};
  struct made said = {0, 0};
  char byte = 'g';
  own_mount(base);
  pid_t child = start_member(flags, -1, &c, &said);
  for (long cpu = 0, most = sysconf(_SC_NPROCESSORS_CONF); cpu < most && looks_older(child, argc - 6, argv + 6); cpu++) {
    end_member(child, &c);
    child = start_member(flags, cpu, &c, &said);
  }
  if (ns_write_maps(child, argv[3], argv[4])) ns_fail("write", "uid_map");
  bind_all(child, argc - 6, argv + 6);
  if (said.holder) {
    write_holder(said.holder, argv[5]);
    if (write(c.down[1], &byte, 1) != 1 || read(c.up[0], &byte, 1) != 1) {
      errno = ECHILD;
      ns_fail("hold", "pid namespace");
    }
  }
  end_member(child, &c);
  return 0;
}
