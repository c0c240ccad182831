// The monitor's event loop: what it waits for, for how long, and who is told when something is ready. It sleeps in poll with no
// memory of its own but a few pages.
#include "monitor.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "attach.h"
#include "clock.h"
#include "ending.h"
#include "health.h"
#include "name.h"
#include "port.h"
#include "output.h"
#include "rest.h"
#include "sys.h"

#define IDLE_MS 200     // quiet for so long: buffers are given back
#define HANGUP_MS 100   // a terminal without an open side is looked at again
#define LINGER_MS 1000  // for clients to close after the end

enum { SIGNALS, LISTENER, STDOUT, STDERR, TERMINAL, INPUT, OWNER, PROBE, LOG_SERVER, NAMES, PORTS, FIXED };

struct loop {
  struct context *c;
  struct server *s;
  int signals;
  bool dirty;  // something has happened since buffers were given back
  struct output output;
  struct ending ending;
  struct probing probing;
  struct pollfd p[FIXED + CLIENTS_MAX];
};

// Children that have ended, and the word that the machine goes down.
static void reap(struct loop *l) {
  struct signalfd_siginfo info;
  int status;
  pid_t pid;
  while (read(l->signals, &info, sizeof info) == sizeof info)
    if (info.ssi_signo == SIGTERM) ending_ask(&l->ending);
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) ending_reaped(&l->ending, pid, status);
}

static void idle(struct loop *l) {
  l->dirty = false;
  log_idle(&l->c->settings.log);
  names_idle(l->c);
  ports_idle(l->c);
  attach_idle(l->s);
}

static void prepare(struct loop *l) {
  struct context *c = l->c;
  struct server *s = l->s;
  bool full = output_full(&l->output), waiting = s->in_used;
  short terminal = (short)((full || l->output.hung_up ? 0 : POLLIN) | (waiting ? POLLOUT : 0));
  l->p[SIGNALS] = (struct pollfd){.fd = l->signals, .events = POLLIN};
  l->p[LISTENER] = (struct pollfd){.fd = s->count < CLIENTS_MAX ? s->listener : -1, .events = POLLIN};
  l->p[STDOUT] = (struct pollfd){.fd = full ? -1 : c->output[0], .events = POLLIN};
  l->p[STDERR] = (struct pollfd){.fd = full ? -1 : c->output[1], .events = POLLIN};
  l->p[TERMINAL] = (struct pollfd){.fd = terminal ? c->pty : -1, .events = terminal};
  l->p[INPUT] = (struct pollfd){.fd = waiting ? c->input : -1, .events = POLLOUT};
  l->p[OWNER] = (struct pollfd){.fd = l->ending.owner_fd, .events = POLLIN};
  l->p[PROBE] = (struct pollfd){.fd = l->probing.fd, .events = POLLIN};
  short logs;
  int log_server = log_poll_fd(&c->settings.log, &logs);
  l->p[LOG_SERVER] = (struct pollfd){.fd = log_server, .events = logs};
  l->p[NAMES] = (struct pollfd){.fd = names_poll_fd(c), .events = POLLIN};
  l->p[PORTS] = (struct pollfd){.fd = ports_poll_fd(c), .events = POLLIN};
  for (size_t i = 0; i < s->count; i++) {
    struct client *client = &s->client[i];
    bool stopped = waiting && client->reader.have == FRAME_HEAD && client->reader.type == FRAME_STDIN;
    short events = (short)((stopped ? 0 : POLLIN) | (client->at < s->out_used ? POLLOUT : 0));
    l->p[FIXED + i] = (struct pollfd){.fd = events ? client->fd : -1, .events = events};
  }
}

static void serve(struct loop *l) {
  struct context *c = l->c;
  struct server *s = l->s;
  size_t count = s->count;
  if (l->p[PROBE].revents) {
    health_read(c, &l->probing);
    l->dirty = true;
  }
  if (l->p[NAMES].revents) {
    names_ready(c);
    l->dirty = true;
  }
  if (l->p[PORTS].revents) {
    ports_ready(c);
    l->dirty = true;
  }
  if (l->p[SIGNALS].revents) reap(l);
  if (l->p[INPUT].revents || l->p[TERMINAL].revents & POLLOUT) attach_input(s);
  for (size_t i = 0; i < count; i++) {
    if (l->p[FIXED + i].revents & (POLLIN | POLLHUP | POLLERR) && l->p[FIXED + i].events & POLLIN) {
      attach_receive(s, &s->client[i]);
      l->dirty = true;
    }
  }
  attach_send(s);
  if (l->p[STDOUT].revents && c->output[0] >= 0) l->dirty |= output_relay(&l->output, &c->output[0], 0);
  if (l->p[STDERR].revents && c->output[1] >= 0) l->dirty |= output_relay(&l->output, &c->output[1], 1);
  if (l->p[TERMINAL].revents & (POLLIN | POLLHUP | POLLERR) && c->pty >= 0) l->dirty |= output_relay(&l->output, &c->pty, 0);
  if (l->p[LISTENER].revents && s->listener >= 0) attach_accept(s);
  if (l->p[OWNER].revents) ending_owner_gone(&l->ending);
  attach_sweep(s);
}

static int patience(const struct loop *l) {
  const struct ending *e = &l->ending;
  int health = e->ended ? -1 : health_patience(&l->probing), quiet = l->dirty ? IDLE_MS : -1;
  if (l->output.hung_up) quiet = HANGUP_MS;
  if (e->over || (e->restart_ms && l->s->count)) quiet = LINGER_MS;
  if (e->restart_ms) health = steady_left(e->restart_ms);
  int others = sooner(log_patience(&l->c->settings.log), sooner(names_patience(l->c), ports_patience(l->c)));
  return sooner(quiet, sooner(health, others));
}

// What is due by the clock.
static void tick(struct loop *l, bool quiet) {
  struct ending *e = &l->ending;
  if (quiet && (e->over || e->restart_ms)) ending_drop_clients(e);
  if (quiet && !e->over) idle(l);
  if (e->restart_ms && !steady_left(e->restart_ms)) ending_wake(e);
  if (!e->ended) health_tick(l->c, &l->probing);
  if (!names_patience(l->c)) names_tick(l->c);
  if (!ports_patience(l->c)) ports_tick(l->c);
  if (l->p[LOG_SERVER].revents || !log_patience(&l->c->settings.log)) log_ready(&l->c->settings.log);
}

noreturn void monitor_loop(struct context *c, struct monitor_start *start) {
  static struct server server;
  static struct loop loop;
  sigset_t watched;
  server = (struct server){.c = c, .listener = -1};
  loop = (struct loop){.c = c, .s = &server, .output = {.c = c, .s = &server}};
  loop.ending = (struct ending){.c = c, .output = &loop.output, .probing = &loop.probing, .owner_fd = -1, .started_ms = steady_ms()};
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  loop.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  server.listener = start->listener;
  attach_add(&server, start->data, start->flags);
  if (start->control >= 0) attach_add(&server, start->control, 0);
  loop.dirty = true;
  health_begin(c, &loop.probing);
  for (;;) {
    prepare(&loop);
    bool resting = !loop.dirty && !loop.output.hung_up && !loop.ending.over;
    int ready = (resting ? rest_until : poll)(loop.p, FIXED + server.count, patience(&loop));
    loop.output.hung_up = false;
    if (ready > 0) serve(&loop);
    tick(&loop, !ready);
    if (loop.ending.ended) ending_finish(&loop.ending);
  }
}
