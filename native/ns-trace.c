// `trace FD INODE NR:ARGUMENT... -- PROGRAM ARG...`: runs a program under ptrace(2) and writes to FD a line for each system call that was
// refused (EPERM, EACCES, EROFS, ENOSYS, EOVERFLOW) in the mount namespace INODE, by processes that have executed something there and by their
// children: `ERRNO NR UID TEXT`, TEXT the string argument of that call, where one is named, escaped. Exits as the program does. Judges nothing.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

// Of this version of the headers or not: the layout is the kernel's (Linux 5.3).
struct call_info {
  uint8_t op, pad[3];
  uint32_t arch;
  uint64_t instruction_pointer, stack_pointer;
  union {
    struct {
      uint64_t nr, args[6];
    } entry;
    struct {
      int64_t value;
      uint8_t is_error;
    } exit;
  };
};

enum { TASKS = 4096, NAMED = 512, GET_CALL = 0x420e, CALL_ENTRY = 1, CALL_EXIT = 2 };

struct task {
  pid_t pid;
  bool armed, waits, known;
  uint64_t nr, argument;
  bool has_text;
};

static struct task tasks[TASKS];
static struct {
  uint64_t nr, argument;
} named[NAMED];
static size_t named_count;
static uint64_t wanted_inode;
static int out;

static struct task *find(pid_t pid) {
  struct task *unused = NULL;
  for (size_t i = 0; i < TASKS; i++) {
    if (tasks[i].pid == pid) return &tasks[i];
    if (!unused && tasks[i].pid == 0) unused = &tasks[i];
  }
  if (unused) *unused = (struct task){.pid = pid};
  return unused;
}

static void path_of(char *buffer, size_t size, pid_t pid, const char *rest) {
  struct text t = {.at = buffer, .size = size};
  text_add(&t, "/proc/");
  text_number(&t, (uint64_t)pid);
  text_add(&t, rest);
}

// Whether a process is in the mount namespace that is looked at.
static bool is_inside(pid_t pid) {
  char path[64], link[64];
  path_of(path, sizeof path, pid, "/ns/mnt");
  ssize_t n = readlink(path, link, sizeof link - 1);
  if (n < 6) return false;
  link[n] = 0;
  uint64_t inode = strtoull(link + 5, NULL, 10);
  return inode == wanted_inode;
}

static uint64_t uid_of(pid_t pid) {
  char path[64], status[2048];
  path_of(path, sizeof path, pid, "/status");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof status - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return 0;
  status[n] = 0;
  const char *line = strstr(status, "\nUid:\t");
  const char *effective = line ? strchr(line + 6, '\t') : NULL;
  return effective ? strtoull(effective + 1, NULL, 10) : 0;
}

static size_t string_of(pid_t pid, uint64_t address, char *buffer, size_t size) {
  size_t used = 0;
  while (used < size) {
    // never over the end of a page, behind which nothing may be
    size_t step = 4096 - (address + used) % 4096;
    if (step > size - used) step = size - used;
    struct iovec own = {buffer + used, step}, other = {(void *)(uintptr_t)(address + used), step};
    ssize_t n = process_vm_readv(pid, &own, 1, &other, 1, 0);
    if (n <= 0) return used;
    char *end = memchr(buffer + used, 0, (size_t)n);
    if (end) return (size_t)(end - buffer);
    used += (size_t)n;
  }
  return used;
}

static bool is_refusal(int error) {
  return error == EPERM || error == EACCES || error == EROFS || error == ENOSYS || error == EOVERFLOW;
}

static void tell(const struct task *task, int error) {
  char line[2048], string[400];
  struct text t = {.at = line, .size = sizeof line - 1};
  text_add(&t, errno_name(error));
  text_add(&t, " ");
  text_number(&t, task->nr);
  text_add(&t, " ");
  text_number(&t, uid_of(task->pid));
  text_add(&t, " ");
  if (task->has_text) text_escaped(&t, string, string_of(task->pid, task->argument, string, sizeof string));
  line[t.used] = '\n';
  if (write(out, line, t.used + 1) < 0) _exit(125);
}

static void on_call(struct task *task) {
  struct call_info info = {0};
  if (!task->armed || ptrace((enum __ptrace_request)GET_CALL, task->pid, (void *)sizeof info, &info) < 0) return;
  if (info.op == CALL_ENTRY) {
    task->nr = info.entry.nr;
    task->has_text = false;
    task->known = true;
    for (size_t i = 0; i < named_count; i++) {
      if (named[i].nr != task->nr) continue;
      task->argument = info.entry.args[named[i].argument];
      task->has_text = true;
    }
  } else if (info.op == CALL_EXIT && task->known) {
    if (info.exit.is_error && is_refusal((int)-info.exit.value)) tell(task, (int)-info.exit.value);
    task->known = false;
  }
}

// A child is known twice, by its own first stop and by its parent's event: it goes on after both.
static void on_child(const struct task *parent) {
  unsigned long pid = 0;
  if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0) return;
  bool armed = parent->armed;
  struct task *child = find((pid_t)pid);
  if (!child) return;
  child->armed = armed;
  if (child->waits) {
    child->waits = false;
    ptrace(PTRACE_SYSCALL, child->pid, NULL, NULL);
  } else {
    child->known = true;
  }
}

// What a stop was for; returns the signal the process is to have.
static int on_stop(struct task *task, int status) {
  int signal = WSTOPSIG(status), event = status >> 16;
  if (signal == (SIGTRAP | 0x80)) {
    on_call(task);
    return 0;
  }
  if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) on_child(task);
  if (event == PTRACE_EVENT_EXEC) task->armed = task->armed || is_inside(task->pid);
  return event != 0 ? 0 : signal;
}

static bool is_new(const struct task *task) { return task->nr == 0 && !task->armed && !task->waits && !task->known; }

static int follow(pid_t first) {
  int code = 0;
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return code;
    struct task *task = find(pid);
    if (!task) continue;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      *task = (struct task){0};
      // processes that stay behind in the container go on without being looked at
      if (pid == first) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    bool begins = WSTOPSIG(status) == SIGSTOP && status >> 16 == 0 && pid != first;
    if (begins && task->known && task->nr == 0) {
      task->known = false;
      task->nr = UINT64_MAX;
    } else if (begins && is_new(task)) {
      task->waits = true;
      task->nr = UINT64_MAX;
      continue;
    }
    int signal = on_stop(task, status);
    if (begins) signal = 0;
    ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal);
  }
}

static void name_argument(const char *word) {
  char *end;
  uint64_t nr = strtoull(word, &end, 10);
  uint64_t argument = *end == ':' ? strtoull(end + 1, &end, 10) : 6;
  if (*end != 0 || argument > 5 || named_count == NAMED) {
    errno = EINVAL;
    ns_fail("trace", word);
  }
  named[named_count].nr = nr;
  named[named_count++].argument = argument;
}

int ns_trace(int argc, char **argv) {
  uint64_t fd;
  if (!parse_unsigned(argv[1], 10, &fd) || fd > 1000 || !parse_unsigned(argv[2], 10, &wanted_inode)) {
    errno = EINVAL;
    ns_fail("trace", argv[1]);
  }
  out = (int)fd;
  fcntl(out, F_SETFD, FD_CLOEXEC);
  int at = 3;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) name_argument(argv[at]);
  if (at + 1 >= argc) {
    errno = EINVAL;
    ns_fail("trace", "--");
  }
  pid_t first = fork();
  if (first < 0) ns_fail("fork", argv[at + 1]);
  if (first == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) ns_fail("ptrace", "PTRACE_TRACEME");
    raise(SIGSTOP);
    execv(argv[at + 1], argv + at + 1);
    ns_fail("execve", argv[at + 1]);
  }
  int status;
  if (waitpid(first, &status, __WALL) < 0 || !WIFSTOPPED(status)) {
    errno = EPERM;
    ns_fail("ptrace", "PTRACE_TRACEME");
  }
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) < 0) ns_fail("ptrace", "PTRACE_SETOPTIONS");
  if (ptrace(PTRACE_SYSCALL, first, NULL, NULL) < 0) ns_fail("ptrace", "PTRACE_SYSCALL");
  return follow(first);
}
