// A program on a terminal of its own whose other side are this process's streams: what somebody types arrives on standard input, what the
// program shows leaves by standard output. Knows bytes, sizes and the end, nothing of what they mean.
#include "terminal-host.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

#include "io.h"
#include "stretch.h"
#include "sys.h"
#include "text.h"

#define USAGE "usage: tsns-sandbox terminal CONTROL-FD ROWS COLUMNS PROGRAM ARG..., see native/README.md"

struct host {
  // The other side is held too: the terminal is not hung up while the program has it closed for a moment.
  int master, slave, control, signals;
  pid_t child;
  struct stretch typed, shown;
};

static void open_pair(struct host *h, unsigned short rows, unsigned short columns) {
  int unlock = 0;
  unsigned index;
  char path[32];
  struct text t = {path, sizeof path, 0};
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  h->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (h->master < 0) stop("open /dev/ptmx: ", errno_name(errno));
  if (ioctl(h->master, TIOCSPTLCK, &unlock) || ioctl(h->master, TIOCGPTN, &index)) stop("unlock a terminal: ", errno_name(errno));
  text_add(&t, "/dev/pts/");
  text_number(&t, index);
#ifdef TIOCGPTPEER
  h->slave = ioctl(h->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
#else
  h->slave = -1;
#endif
  if (h->slave < 0) h->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (h->slave < 0) stop("open a terminal: ", errno_name(errno));
  ioctl(h->master, TIOCSWINSZ, &size);
}

static noreturn void be_program(struct host *h, char **argv, char **envp) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  ioctl(h->slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) dup2(h->slave, fd);
  if (sys_close_range(3, ~0u, 0))
    for (int fd = 3; fd < 4096; fd++) close(fd);
  execvpe(argv[0], argv, envp);
  int error = errno;
  char line[512];
  struct text t = {line, sizeof line, 0};
  text_add(&t, argv[0]);
  text_add(&t, ": ");
  text_add(&t, errno_name(error));
  text_add(&t, "\n");
  write_all(2, line, t.used);
  _exit(error == ENOENT ? 127 : 126);
}

// The program has ended: what it has shown and the terminal still holds goes out first.
static noreturn void end(struct host *h, int status) {
  fcntl(1, F_SETFL, fcntl(1, F_GETFL) & ~O_NONBLOCK);
  do {
    if (h->shown.used && write_all(1, h->shown.bytes + h->shown.at, h->shown.used - h->shown.at)) break;
    h->shown.at = h->shown.used = 0;
  } while (stretch_take(h->master, &h->shown) && h->shown.used);
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void reap(struct host *h) {
  struct signalfd_siginfo info;
  int status;
  while (read(h->signals, &info, sizeof info) == sizeof info) {
  }
  if (waitpid(h->child, &status, WNOHANG) == h->child) end(h, status);
}

// Four bytes, as the frame of a new size has them: rows and columns, little endian.
static void take_size(struct host *h) {
  uint8_t bytes[4];
  ssize_t n = read(h->control, bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n != sizeof bytes) {
    h->control = -1;
    return;
  }
  struct winsize size = {.ws_row = (unsigned short)(bytes[0] | bytes[1] << 8), .ws_col = (unsigned short)(bytes[2] | bytes[3] << 8)};
  ioctl(h->master, TIOCSWINSZ, &size);
}

// Ends by exit: whoever reads or types has gone, the terminal closes, and its programs are hung up.
static void relay(struct host *h) {
  struct pollfd p[] = {
      {.fd = !h->typed.used ? 0 : -1, .events = POLLIN},
      {.fd = h->master, .events = (short)((h->shown.used ? 0 : POLLIN) | (h->typed.used ? POLLOUT : 0))},
      {.fd = h->shown.used ? 1 : -1, .events = POLLOUT},
      {.fd = h->control, .events = POLLIN},
      {.fd = h->signals, .events = POLLIN},
  };
  if (!p[1].events) p[1].fd = -1;
  if (poll(p, 5, -1) < 0) return;
  if (p[3].revents) take_size(h);
  if (p[0].revents && !stretch_take(0, &h->typed)) _exit(128 + SIGHUP);
  if (p[1].revents & POLLOUT) stretch_give(h->master, &h->typed);
  if (p[1].revents & (POLLIN | POLLHUP | POLLERR) && !h->shown.used) stretch_take(h->master, &h->shown);
  if (p[2].revents && !stretch_give(1, &h->shown)) _exit(128 + SIGPIPE);
  if (p[4].revents) reap(h);
}

static bool is_size(uint64_t value) {
  return value > 0 && value < 1 << 16;
}

noreturn void terminal_host(char **argv, char **envp) {
  static struct host h;
  uint64_t control, rows, columns;
  if (!argv[2] || !argv[3] || !argv[4] || !argv[5]) stop(USAGE, "");
  if (!parse_unsigned(argv[2], 10, &control) || !parse_unsigned(argv[3], 10, &rows) || !parse_unsigned(argv[4], 10, &columns)) stop(USAGE, "");
  if (control < 3 || control >= 1 << 20 || !is_size(rows) || !is_size(columns)) stop(USAGE, "");
  h.control = (int)control;
  if (fcntl(h.control, F_SETFL, O_NONBLOCK) < 0) stop("the control descriptor: ", errno_name(errno));
  set_cloexec(h.control, true);
  open_pair(&h, (unsigned short)rows, (unsigned short)columns);
  sigset_t held;
  sigemptyset(&held);
  sigaddset(&held, SIGCHLD);
  sigaddset(&held, SIGPIPE);
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &held, NULL);
  sigdelset(&held, SIGPIPE);
  h.signals = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  if (h.signals < 0) stop("signalfd: ", errno_name(errno));
  h.child = fork();
  if (h.child < 0) stop("fork: ", errno_name(errno));
  if (!h.child) be_program(&h, argv + 5, envp);
  for (int fd = 0; fd < 2; fd++) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  for (;;) relay(&h);
}
