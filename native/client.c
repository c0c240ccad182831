// The terminal client's event loop. Its two sockets lead to one monitor: data, and control for signals and sizes, which must
// not wait behind input that nobody reads.
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "frame.h"
#include "io.h"
#include "relay.h"
#include "sys.h"
#include "terminal.h"
#include "text.h"

// Real-time signals, which no container is sent. A parent passes signal N on as PASSED_ON + N: as N itself it would become one with
// the terminal's own N while that waits to be read.
#define PASSED_ON 40
#define PARENT_GONE 60

void client_hold_signals(const struct client_options *options) {
  static const int held[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGWINCH, SIGTSTP, PARENT_GONE};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    sigaddset(&set, held[i]);
    if (PASSED_ON + held[i] < PARENT_GONE) sigaddset(&set, PASSED_ON + held[i]);
  }
  sigaddset(&set, SIGPIPE);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (options->report >= 0) prctl(PR_SET_PDEATHSIG, PARENT_GONE);
}

static void send_control(struct relay *r, uint8_t type, const uint8_t payload[4]) {
  uint8_t frame[FRAME_HEAD + 4];
  frame_head(frame, type, 4);
  memcpy(frame + FRAME_HEAD, payload, 4);
  send(r->control, frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_size(struct relay *r) {
  uint8_t size[4];
  if (r->options->tty && terminal_size(size)) send_control(r, FRAME_RESIZE, size);
}

static void begin(struct relay *r) {
  if (r->options->tty) terminal_raw(false);
  send_size(r);
}

static void stop_self(struct relay *r) {
  terminal_restore();
  kill(getpid(), SIGSTOP);
  begin(r);
}

static void take_signal(struct relay *r) {
  struct signalfd_siginfo info;
  uint8_t payload[4];
  while (read(r->signals, &info, sizeof info) == sizeof info) {
    bool keyboard = info.ssi_code == SI_KERNEL;
    if (info.ssi_signo > PASSED_ON && info.ssi_signo < PARENT_GONE) info.ssi_signo -= PASSED_ON;
    if (info.ssi_signo == PARENT_GONE) relay_leave(128 + SIGHUP);
    if (info.ssi_signo == SIGWINCH) send_size(r);
    else if (info.ssi_signo == SIGTSTP) stop_self(r);
    else if (r->options->no_signals && info.ssi_signo != SIGCONT && info.ssi_signo != SIGPIPE) relay_leave(128 + (int)info.ssi_signo);
    else if (info.ssi_signo != SIGPIPE && !(keyboard && r->options->report >= 0)) {
      put_u32(payload, info.ssi_signo);
      send_control(r, FRAME_SIGNAL, payload);
    }
    // The terminal is gone, and with it everything this client is for.
    if (info.ssi_signo == SIGHUP && keyboard && r->options->tty) relay_leave(128 + SIGHUP);
  }
}

// A parent that went before its death was asked for has closed the other end of the report.
static void check_parent(const struct client_options *options) {
  struct pollfd p = {.fd = options->report};
  if (options->report >= 0 && poll(&p, 1, 0) > 0 && p.revents & POLLERR) relay_leave(128 + SIGHUP);
}

noreturn void client_run(const struct client_options *options, int data, int control) {
  static struct relay r;
  sigset_t held;
  relay_open(&r, options, data, control);
  sigprocmask(SIG_BLOCK, NULL, &held);
  r.signals = options->attach ? signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
  if (options->attach) check_parent(options);
  for (;;) {
    bool typed = r.typed_at < r.typed_used;
    struct pollfd p[] = {
        {.fd = data, .events = (short)((r.pending.size ? 0 : POLLIN) | (typed ? POLLOUT : 0))},
        {.fd = r.signals, .events = POLLIN},
        {.fd = r.begun && r.stdin_open && !typed ? r.in_fd : -1, .events = POLLIN},
        {.fd = r.pending.size ? r.out_fd[r.pending_number] : -1, .events = POLLOUT},
    };
    if (!p[0].events) p[0].fd = -1;
    if (poll(p, 4, -1) < 0) continue;
    if (p[1].revents) take_signal(&r);
    if (p[3].revents) relay_output(&r);
    if (p[0].revents & POLLOUT) relay_input(&r);
    if (p[0].revents & (POLLIN | POLLHUP | POLLERR) && !r.pending.size) relay_receive(&r);
    if (p[2].revents) relay_type(&r);
    if (r.begin_now) begin(&r);
    r.begin_now = false;
  }
}
