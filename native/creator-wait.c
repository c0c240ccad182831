// The creator that waits: a foreground runtime. Signals go to init, what is typed to its terminal, what that shows to standard output; its end is
// this process's end.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

#include "creator.h"
#include "io.h"
#include "relay.h"
#include "stretch.h"
#include "sys.h"
#include "terminal.h"

struct stay {
  struct context *c;
  int signals, in, out;  // in: -1 once it has ended
  struct stretch typed, shown;
};

void creator_fit(struct context *c) {
  uint8_t size[4];
  if (c->pty < 0 || !terminal_size(size)) return;
  struct winsize to = {.ws_row = (unsigned short)(size[0] | size[1] << 8), .ws_col = (unsigned short)(size[2] | size[3] << 8)};
  ioctl(c->pty, TIOCSWINSZ, &to);
}

static void begin(struct stay *s) {
  if (s->c->pty < 0) return;
  // Somebody else may write to it what the container's terminal has shown.
  terminal_raw(!isatty(1));
  creator_fit(s->c);
}

// By the signal itself, which does nothing where nobody could continue it (an orphaned process group).
static void stop_self(struct stay *s) {
  sigset_t stop;
  terminal_restore();
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  kill(getpid(), SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, NULL);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  begin(s);
}

static void pass_on(struct stay *s) {
  struct signalfd_siginfo info;
  while (read(s->signals, &info, sizeof info) == sizeof info) {
    int number = (int)info.ssi_signo;
    bool terminal = s->c->pty >= 0;
    if (number == SIGWINCH && terminal) creator_fit(s->c);
    else if (number != SIGPIPE && (number != SIGTSTP || !terminal)) sys_pidfd_signal(s->c->init_fd, number);
    if (number == SIGTSTP) stop_self(s);
  }
}

static bool ends_by_default(int number) {
  static const int others[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (others[i] == number) return false;
  return true;
}

// From here on there is nobody to pass a signal on to: it ends this process.
static void give_way(struct stay *s) {
  struct signalfd_siginfo info;
  while (read(s->signals, &info, sizeof info) == sizeof info) {
    if (!ends_by_default((int)info.ssi_signo)) continue;
    terminal_restore();
    sigprocmask(SIG_SETMASK, &s->c->creation.before, NULL);
    kill(getpid(), (int)info.ssi_signo);
  }
}

// What the terminal still holds goes out first, to one that is raw as before.
static void drain(struct stay *s) {
  while (s->c->pty >= 0) {
    struct pollfd p[] = {{.fd = s->out, .events = POLLOUT}, {.fd = s->signals, .events = POLLIN}};
    if (!s->shown.used && (!stretch_take(s->c->pty, &s->shown) || !s->shown.used)) return;
    if (poll(p, 2, -1) < 0) continue;
    if (p[1].revents) give_way(s);
    if (p[0].revents) stretch_give(s->out, &s->shown);
  }
}

static noreturn void end(struct stay *s) {
  int status = 0;
  while (waitpid(s->c->init_pid, &status, 0) < 0 && errno == EINTR) continue;
  drain(s);
  terminal_restore();
  sigprocmask(SIG_SETMASK, &s->c->creation.before, NULL);
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void relay(struct stay *s) {
  int pty = s->c->pty;
  short wanted = (short)((s->shown.used ? 0 : POLLIN) | (s->typed.used ? POLLOUT : 0));
  struct pollfd p[] = {
      {.fd = s->signals, .events = POLLIN},
      {.fd = s->c->init_fd, .events = POLLIN},
      {.fd = pty >= 0 && !s->typed.used ? s->in : -1, .events = POLLIN},
      {.fd = wanted ? pty : -1, .events = wanted},
      {.fd = s->shown.used ? s->out : -1, .events = POLLOUT},
  };
  if (poll(p, 5, -1) < 0) return;
  if (p[0].revents) pass_on(s);
  if (p[2].revents && !stretch_take(s->in, &s->typed)) s->in = -1;
  if (p[3].revents & POLLOUT) stretch_give(pty, &s->typed);
  if (p[3].revents & POLLIN) stretch_take(pty, &s->shown);
  if (p[4].revents) stretch_give(s->out, &s->shown);
  if (p[1].revents) end(s);
}

noreturn void creator_stay(struct context *c) {
  static struct stay s;
  sigset_t held;
  s.c = c;
  sigprocmask(SIG_BLOCK, NULL, &held);
  s.signals = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  if (c->report_fd >= 0) close(c->report_fd);
  close(c->channel);
  close(c->creation.signals);
  sys_close_range(100, 199, 0);
  for (int fd = 3; fd < 3 + c->creation.keep; fd++) close(fd);
  if (c->pty >= 0) {
    s.in = relay_reopen(0, O_RDONLY);
    s.out = relay_reopen(1, O_WRONLY);
  }
  begin(&s);
  for (;;) relay(&s);
}
