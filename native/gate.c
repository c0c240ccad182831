// The gate: a socket at which init, made and ready, waits for somebody to start the command. A connection is a starter once it has sent a byte;
// it gets what fails from then on as lines of the report, then `exec` right before the command, and is closed by execve(2). Who only asks
// whether somebody waits here sends nothing.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "channel.h"
#include "init.h"
#include "operation.h"
#include "sys.h"
#include "unix-path.h"

#define BACKLOG 128
#define CALLERS_MAX 32  // one more pushes out the first

struct callers {
  int fd[CALLERS_MAX];
  size_t count;
};

static int listen_at(struct context *c, const char *path, const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(c, "socket", path);
  mode_t mask = umask(0177);
  int result = bind(fd, (const struct sockaddr *)address, sizeof *address) || listen(fd, BACKLOG) ? fail(c, "bind", path) : fd;
  umask(mask);
  if (result < 0) close(fd);
  return result;
}

int op_gate(struct context *c, char **arg, size_t count) {
  (void)count;
  struct sockaddr_un address;
  int dir;
  if (unix_path(arg[0], &address, &dir)) return fail(c, "bind", arg[0]);
  int fd = listen_at(c, arg[0], &address);
  if (dir >= 0) close(dir);
  if (fd < 0) return -1;
  c->creation.gate = fd;
  return 0;
}

static void leave(int number) {
  _exit(128 + number);
}

// A signal that would end the command is to end the container before its start too, though the kernel keeps from process 1 of a namespace
// what it has no handler for.
static void end_by_signals(void) {
  static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
  struct sigaction ends = {.sa_handler = leave};
  sigset_t none;
  for (int number = 1; number <= 64; number++) {
    bool ignored = false;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) ignored |= harmless[i] == number;
    if (!ignored) sigaction(number, &ends, NULL);
  }
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void drop(struct callers *callers, size_t at) {
  close(callers->fd[at]);
  callers->count--;
  memmove(callers->fd + at, callers->fd + at + 1, (callers->count - at) * sizeof *callers->fd);
}

// A filter that refuses it would be asked for ever.
static void admit(struct callers *callers, int gate) {
  int fd = accept4(gate, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS)) _exit(1);
  if (fd < 0) return;
  if (callers->count == CALLERS_MAX) drop(callers, 0);
  callers->fd[callers->count++] = fd;
}

// The caller that has sent a byte, or -1; those that have gone without are forgotten.
static int find_starter(struct callers *callers) {
  char byte;
  for (size_t i = 0; i < callers->count;) {
    ssize_t n = recv(callers->fd[i], &byte, 1, MSG_DONTWAIT);
    if (n == 1) return callers->fd[i];
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) i++;
    else drop(callers, i);
  }
  return -1;
}

static int wait_for_starter(int gate) {
  struct callers callers = {.count = 0};
  for (;;) {
    struct pollfd p[1 + CALLERS_MAX] = {{.fd = gate, .events = POLLIN}};
    for (size_t i = 0; i < callers.count; i++) p[1 + i] = (struct pollfd){.fd = callers.fd[i], .events = POLLIN};
    if (poll(p, 1 + callers.count, -1) < 0) {
      if (errno != EINTR) _exit(1);
      continue;
    }
    if (p[0].revents) admit(&callers, gate);
    int starter = find_starter(&callers);
    if (starter < 0) continue;
    for (size_t i = 0; i < callers.count; i++)
      if (callers.fd[i] != starter) close(callers.fd[i]);
    return starter;
  }
}

int op_await_start(struct context *c, char **arg, size_t count) {
  op_barrier(c, arg, count);
  // From here on SO_PEERCRED of a connection names this process (unix(7)): it can be found when nobody has noted it.
  if (listen(c->creation.gate, BACKLOG)) return fail(c, "listen", "gate");
  end_by_signals();
  prctl(PR_SET_PDEATHSIG, 0);
  // Whose creator dies before it has told anybody ends with it.
  if (channel_send(c->channel, CHANNEL_READY, NULL, 0)) _exit(1);
  init_wait(c, CHANNEL_STAY);
  close(c->channel);
  c->channel = -1;
  c->report_fd = wait_for_starter(c->creation.gate);
  c->creation.released = true;
  close(c->creation.gate);
  c->creation.gate = 0;
  return 0;
}
