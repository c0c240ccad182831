// The monitor's event loop: output to log and clients, input to the container, its end, the owner. It sleeps in poll with no
// memory of its own but a few pages.
#include "monitor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "attach.h"
#include "clock.h"
#include "event.h"
#include "health.h"
#include "io.h"
#include "name.h"
#include "pace.h"
#include "record.h"
#include "rest.h"
#include "restart.h"
#include "spawn.h"
#include "sys.h"

#define IDLE_MS 200      // quiet for so long: buffers are given back
#define HANGUP_MS 100    // a terminal without an open side is looked at again
#define LINGER_MS 1000   // for clients to close after the end
#define LAST_OUTPUT (4u << 20)  // of processes that outlive init (no pid namespace of their own)

enum { SIGNALS, LISTENER, STDOUT, STDERR, TERMINAL, INPUT, OWNER, PROBE, LOG_SERVER, NAMES, FIXED };

struct loop {
  struct context *c;
  struct server *s;
  int signals, owner_fd;
  struct owner owner;
  bool dirty, hung_up, ended, over;
  bool going_down;      // this process was asked to end while the container ran: the machine goes down
  uint64_t started_ms;
  uint64_t restart_ms;  // it sleeps until then, between two runs (0: it does not)
  bool restarts;        // who is called in the end starts the next run,
  pid_t heir;           // as this process, which stays until that is done
  struct probing probing;
  struct pace pace[2];  // of standard output and error
  struct pollfd p[FIXED + CLIENTS_MAX];
};

// One chunk of a stream into the frame at `to`; its size with the frame's head, 0 at the end of the stream, -1: nothing now.
static ssize_t read_chunk(struct context *c, int fd, int number, uint8_t *to) {
  ssize_t n;
  while ((n = read(fd, to + FRAME_HEAD, CHUNK)) < 0 && errno == EINTR) continue;
  if (n < 0 && errno == EAGAIN) return -1;
  if (n <= 0) return 0;
  log_write(&c->settings.log, number, to + FRAME_HEAD, (size_t)n);
  frame_head(to, (uint8_t)(FRAME_STDOUT + number), (uint32_t)n);
  return n + FRAME_HEAD;
}

// Room for `more` bytes behind what waits to be sent.
static bool room(struct server *s, size_t more) {
  size_t size = s->out_used + more;
  if (size <= s->out_size) return true;
  if (s->out) size += size / 2;
  void *larger = s->out ? grow_memory(s->out, s->out_size, size) : map_memory(size);
  if (!larger) return false;
  s->out = larger;
  s->out_size = size;
  return true;
}

static void relay(struct loop *l, int *fd, int number) {
  struct server *s = l->s;
  if (s->out_used || log_full(&l->c->settings.log) || !room(s, FRAME_HEAD + CHUNK)) return;
  l->dirty = true;
  if (fd != &l->c->pty) pace_wait(&l->pace[number], *fd);
  ssize_t n = read_chunk(l->c, *fd, number, s->out);
  if (n < 0) return;
  if (n) pace_note(&l->pace[number], (size_t)n - FRAME_HEAD, CHUNK);
  if (!n && fd == &l->c->pty) {
    l->hung_up = true;
    return;
  }
  if (!n) {
    close(*fd);
    *fd = -1;
    return;
  }
  s->out_used = (size_t)n;
  for (size_t i = 0; i < s->count; i++) s->client[i].at = s->client[i].flags & ATTACH_OUTPUT ? 0 : s->out_used;
  attach_send(s);
}

// Keeps n bytes at the end of `out` for the clients that want output; without one they are forgotten.
static void keep(struct server *s, size_t n) {
  bool wanted = false;
  for (size_t i = 0; i < s->count; i++) wanted |= s->client[i].flags & ATTACH_OUTPUT;
  if (!wanted) return;
  for (size_t i = 0; i < s->count; i++)
    if (!(s->client[i].flags & ATTACH_OUTPUT) && s->client[i].at == s->out_used) s->client[i].at += n;
  s->out_used += n;
}

// What is still on its way when init has ended, behind what clients have not taken yet. The log has it all before anybody
// hears of the end, however slow the clients are.
static void drain(struct loop *l) {
  struct server *s = l->s;
  int *fd[] = {&l->c->output[0], &l->c->output[1], &l->c->pty};
  for (int i = 0; i < 3; i++) {
    for (size_t taken = 0; *fd[i] >= 0 && taken < LAST_OUTPUT && room(s, FRAME_HEAD + CHUNK);) {
      ssize_t n = read_chunk(l->c, *fd[i], i == 1, s->out + s->out_used);
      if (n <= 0) break;
      taken += (size_t)n;
      keep(s, (size_t)n);
    }
    if (*fd[i] >= 0) close(*fd[i]);
    *fd[i] = -1;
  }
  log_end(&l->c->settings.log);
}

// Leaves the namespaces the plan made for the monitor. A file system mounted there alone is unmounted with this: once the exit
// record is written it may be mounted again.
static void go_home(struct context *c) {
  if (!c->settings.home_count) return;
  if (c->root_fd >= 0) close(c->root_fd);
  c->root_fd = -1;
  for (size_t i = 0; i < c->settings.home_count; i++) {
    setns(c->settings.home_fd[i], 0);
    close(c->settings.home_fd[i]);
  }
  c->settings.home_count = 0;
}

// The listener goes, and every connection hears of the end.
static void tell_end(struct loop *l, unsigned code, unsigned signal) {
  struct server *s = l->s;
  if (s->listener >= 0) {
    unlinkat(l->c->settings.state_fd, "attach", 0);
    close(s->listener);
    s->listener = -1;
  }
  if (room(s, FRAME_HEAD + 8)) {
    uint8_t *frame = s->out + s->out_used;
    frame_head(frame, FRAME_EXIT, 8);
    put_u32(frame + FRAME_HEAD, code);
    put_u32(frame + FRAME_HEAD + 4, signal);
    s->out_used += FRAME_HEAD + 8;
  }
  attach_send(s);
}

static void end(struct loop *l, int status) {
  struct context *c = l->c;
  unsigned signal = WIFSIGNALED(status) ? (unsigned)WTERMSIG(status) : 0;
  unsigned code = signal ? 128 + signal : (unsigned)WEXITSTATUS(status);
  uint64_t lived_ms = steady_ms() - l->started_ms;
  l->ended = true;
  health_end(&l->probing);
  names_end(c);
  drain(l);
  go_home(c);
  int64_t wait_ms = l->going_down ? -1 : restart_after(c, code, lived_ms);
  event_counted(c);
  record_exit(c, code, signal, event_end(c, code, lived_ms));
  if (c->input >= 0) close(c->input);
  if (c->pty_peer >= 0) close(c->pty_peer);
  close(c->init_fd);
  c->input = c->pty_peer = c->init_fd = -1;
  tell_end(l, code, signal);
  if (wait_ms >= 0) l->restart_ms = steady_ms() + (uint64_t)wait_ms;
  else l->owner_fd = record_owner(c, &l->owner);
}

// There will be no next run: from here on it is as if there never was to be one.
static void stay_ended(struct loop *l) {
  l->restart_ms = 0;
  restart_forget(l->c);
  l->owner_fd = record_owner(l->c, &l->owner);
}

// The end of the sleep between two runs.
static void wake(struct loop *l) {
  if (restart_unwanted(l->c)) return stay_ended(l);
  l->restart_ms = 0;
  l->restarts = true;
}

static void run_on_exit(struct loop *l) {
  pid_t child = spawn_detached(l->c, l->c->settings.on_exit);
  if (child > 0 && l->restarts) l->heir = child;
}

// The machine goes down: the container is asked to end, the monitor stays to record it.
static void asked_to_end(struct loop *l) {
  if (l->restart_ms) return stay_ended(l);
  if (l->ended) return;
  l->going_down = true;
  sys_pidfd_signal(l->c->init_fd, SIGTERM);
}

static void reap(struct loop *l) {
  struct signalfd_siginfo info;
  int status;
  pid_t pid;
  while (read(l->signals, &info, sizeof info) == sizeof info)
    if (info.ssi_signo == SIGTERM) asked_to_end(l);
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == l->c->init_pid && !l->ended) end(l, status);
    if (pid == l->heir) l->heir = 0;
  }
}

static void idle(struct loop *l) {
  struct server *s = l->s;
  l->dirty = false;
  log_idle(&l->c->settings.log);
  names_idle(l->c);
  if (s->out && !s->out_used) {
    unmap_memory(s->out, s->out_size);
    s->out = NULL;
    s->out_size = 0;
  }
  if (s->in && !s->in_used) {
    unmap_memory(s->in, CHUNK);
    s->in = NULL;
  }
}

static void prepare(struct loop *l) {
  struct context *c = l->c;
  struct server *s = l->s;
  bool full = s->out_used || log_full(&c->settings.log), waiting = s->in_used;
  short terminal = (short)((full || l->hung_up ? 0 : POLLIN) | (waiting ? POLLOUT : 0));
  l->p[SIGNALS] = (struct pollfd){.fd = l->signals, .events = POLLIN};
  l->p[LISTENER] = (struct pollfd){.fd = s->count < CLIENTS_MAX ? s->listener : -1, .events = POLLIN};
  l->p[STDOUT] = (struct pollfd){.fd = full ? -1 : c->output[0], .events = POLLIN};
  l->p[STDERR] = (struct pollfd){.fd = full ? -1 : c->output[1], .events = POLLIN};
  l->p[TERMINAL] = (struct pollfd){.fd = terminal ? c->pty : -1, .events = terminal};
  l->p[INPUT] = (struct pollfd){.fd = waiting ? c->input : -1, .events = POLLOUT};
  l->p[OWNER] = (struct pollfd){.fd = l->owner_fd, .events = POLLIN};
  l->p[PROBE] = (struct pollfd){.fd = l->probing.fd, .events = POLLIN};
  short logs;
  int log_server = log_poll_fd(&c->settings.log, &logs);
  l->p[LOG_SERVER] = (struct pollfd){.fd = log_server, .events = logs};
  l->p[NAMES] = (struct pollfd){.fd = names_poll_fd(c), .events = POLLIN};
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
  if (l->p[SIGNALS].revents) reap(l);
  if (l->p[INPUT].revents || l->p[TERMINAL].revents & POLLOUT) attach_input(s);
  for (size_t i = 0; i < count; i++) {
    if (l->p[FIXED + i].revents & (POLLIN | POLLHUP | POLLERR) && l->p[FIXED + i].events & POLLIN) {
      attach_receive(s, &s->client[i]);
      l->dirty = true;
    }
  }
  attach_send(s);
  if (l->p[STDOUT].revents && c->output[0] >= 0) relay(l, &c->output[0], 0);
  if (l->p[STDERR].revents && c->output[1] >= 0) relay(l, &c->output[1], 1);
  if (l->p[TERMINAL].revents & (POLLIN | POLLHUP | POLLERR) && c->pty >= 0) relay(l, &c->pty, 0);
  if (l->p[LISTENER].revents && s->listener >= 0) attach_accept(s);
  if (l->p[OWNER].revents) {
    close(l->owner_fd);
    l->owner_fd = record_owner(c, &l->owner);
  }
  attach_sweep(s);
}

static void finish(struct loop *l) {
  struct server *s = l->s;
  if (!l->over && !l->restart_ms && l->owner_fd < 0) {
    l->over = true;
    if (l->c->settings.on_exit && record_unfinished(l->c)) run_on_exit(l);
  }
  for (size_t i = 0; i < s->count; i++) {
    struct client *client = &s->client[i];
    if (client->at < s->out_used || client->finished) continue;
    // Not closed here: a client that is still writing would take the error for the end and lose what it has not read.
    client->finished = true;
    shutdown(client->fd, SHUT_WR);
  }
  attach_sweep(s);
  if (l->over && !s->count && !l->heir && log_done(&l->c->settings.log)) _exit(0);
}

// Clients that have everything and do not leave.
static void drop_finished(struct loop *l) {
  struct server *s = l->s;
  for (size_t i = 0; i < s->count; i++)
    if (s->client[i].finished) attach_drop(s, &s->client[i]);
  attach_sweep(s);
}

static int until(uint64_t when_ms) {
  uint64_t now = steady_ms();
  return when_ms <= now ? 0 : (int)(when_ms - now);
}

// The shorter of two waits; below zero: there is none.
static int sooner(int one, int other) {
  return one < 0 || (other >= 0 && other < one) ? other : one;
}

static int patience(const struct loop *l) {
  int health = l->ended ? -1 : health_patience(&l->probing), quiet = l->dirty ? IDLE_MS : -1;
  if (l->hung_up) quiet = HANGUP_MS;
  if (l->over || (l->restart_ms && l->s->count)) quiet = LINGER_MS;
  if (l->restart_ms) health = until(l->restart_ms);
  int others = sooner(log_patience(&l->c->settings.log), names_patience(l->c));
  return sooner(quiet, sooner(health, others));
}

// What is due by the clock.
static void tick(struct loop *l, bool quiet) {
  if (quiet && (l->over || l->restart_ms)) drop_finished(l);
  if (quiet && !l->over) idle(l);
  if (l->restart_ms && !until(l->restart_ms)) wake(l);
  if (!l->ended) health_tick(l->c, &l->probing);
  if (!names_patience(l->c)) names_tick(l->c);
  if (l->p[LOG_SERVER].revents || !log_patience(&l->c->settings.log)) log_ready(&l->c->settings.log);
}

noreturn void monitor_loop(struct context *c, struct monitor_start *start) {
  static struct server server;
  static struct loop loop;
  sigset_t watched;
  server = (struct server){.c = c, .listener = -1};
  loop = (struct loop){.c = c, .s = &server, .owner_fd = -1};
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  loop.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  server.listener = start->listener;
  attach_add(&server, start->data, start->flags);
  if (start->control >= 0) attach_add(&server, start->control, 0);
  loop.dirty = true;
  loop.started_ms = steady_ms();
  health_begin(c, &loop.probing);
  for (;;) {
    prepare(&loop);
    bool resting = !loop.dirty && !loop.hung_up && !loop.over;
    int ready = (resting ? rest_until : poll)(loop.p, FIXED + server.count, patience(&loop));
    loop.hung_up = false;
    if (ready > 0) serve(&loop);
    tick(&loop, !ready);
    if (loop.ended) finish(&loop);
  }
}
