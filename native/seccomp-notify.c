// A filter that asks somebody: its listener's descriptor goes to that somebody together with a text. The filter holds for what this process does
// from then on, so a child without it does the sending: it shares the table of descriptors, and learns the number through shared memory.
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "hook-words.h"
#include "operation.h"
#include "seccomp.h"
#include "sys.h"
#include "text.h"
#include "unix-path.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER 8u
#endif
#define PARTS_MAX 16
#define NONE (-1)  // there will be no listener
#define OPEN (-2)  // nothing is known of it yet

struct message {
  struct iovec part[2 * PARTS_MAX];
  size_t count;
};

int op_connect(struct context *c, char **arg, size_t count) {
  (void)count;
  int fd = unix_connect(arg[1]);
  if (fd < 0) return fail(c, "connect", arg[1]);
  int result = dup3(fd, (int)number(arg[0]), O_CLOEXEC) < 0 ? fail(c, "dup3", arg[0]) : 0;
  close(fd);
  return result;
}

// The number of the process stands between each two of the parts.
static void write_message(struct message *m, char **part, size_t count, const struct text *pid) {
  for (size_t i = 0; i < count; i++) {
    if (i) m->part[m->count++] = (struct iovec){pid->at, pid->used};
    m->part[m->count++] = (struct iovec){part[i], strlen(part[i])};
  }
}

// Errno, or 0. What the socket does not take at once follows without the descriptor.
static int send_message(int to, int listener, struct message *m) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr h = {.msg_iov = m->part, .msg_iovlen = m->count, .msg_control = &control, .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = SCM_RIGHTS;
  control.head.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&control.head), &listener, sizeof listener);
  for (;;) {
    ssize_t n = sendmsg(to, &h, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (!parts_advance(m->part, m->count, (size_t)n)) return 0;
    h.msg_control = NULL;
    h.msg_controllen = 0;
  }
}

// The filter may keep the other side from waking this one: then time does.
static noreturn void be_sender(atomic_int *number, int to, struct message *m) {
  const struct timespec moment = {.tv_nsec = 1000000};
  int listener;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while ((listener = atomic_load(number)) == OPEN) syscall(SYS_futex, number, FUTEX_WAIT, OPEN, &moment);
  if (listener == NONE) _exit(0);
  int error = send_message(to, listener, m);
  // The end of the text comes at once, whoever else has the socket open.
  shutdown(to, SHUT_WR);
  close(to);
  close(listener);
  _exit(error);
}

static int set_and_send(struct context *c, char **arg, struct message *m, atomic_int *number_of) {
  struct clone3_args args = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
  int to = (int)number(arg[2]), status = 0;
  atomic_store(number_of, OPEN);
  pid_t sender = (pid_t)sys_clone3(&args);
  if (!sender) be_sender(number_of, to, m);
  if (sender < 0) return fail(c, "clone3", "listener");
  int listener = seccomp_set(c, arg[0], (unsigned)number(arg[1]) | SECCOMP_FILTER_FLAG_NEW_LISTENER, number_of);
  if (listener < 0) atomic_store(number_of, NONE);
  syscall(SYS_futex, number_of, FUTEX_WAKE, INT_MAX);
  pid_t ended;
  while ((ended = waitpid(sender, &status, 0)) < 0 && errno == EINTR) continue;
  if (listener < 0) return -1;
  if (ended < 0) return fail(c, "waitpid", "the filter forbids it");
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
  return errno ? fail(c, "sendmsg", "the listener") : 0;
}

int op_seccomp_notify(struct context *c, char **arg, size_t count) {
  char pid[24];
  struct text t = {pid, sizeof pid, 0};
  struct message m = {.count = 0};
  if (count - 3 > PARTS_MAX) return errno = E2BIG, fail(c, "parse", "too many parts");
  op_barrier(c, arg, count);
  text_number(&t, (uint64_t)c->init_pid);
  write_message(&m, arg + 3, count - 3, &t);
  atomic_int *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return fail(c, "mmap", "listener");
  int result = set_and_send(c, arg, &m, shared);
  munmap(shared, sizeof *shared);
  return result;
}
