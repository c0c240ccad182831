// From the container's end to the monitor's own: log and clients get the rest, the state directory says how it ended, the wait before the next
// run, the program that cleans up. Knows nothing of descriptors that become ready.
#include "ending.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "clock.h"
#include "event.h"
#include "name.h"
#include "port.h"
#include "restart.h"
#include "spawn.h"
#include "sys.h"

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

// Nobody comes any more. Who has come and was not let in yet hears of the end as all others do.
static void stop_listening(struct server *s) {
  if (s->listener < 0) return;
  unlinkat(s->c->settings.state_fd, "attach", 0);
  while (attach_accept(s)) continue;
  close(s->listener);
  s->listener = -1;
}

static void end(struct ending *e, int status) {
  struct context *c = e->c;
  unsigned signal = WIFSIGNALED(status) ? (unsigned)WTERMSIG(status) : 0;
  unsigned code = signal ? 128 + signal : (unsigned)WEXITSTATUS(status);
  uint64_t lived_ms = steady_ms() - e->started_ms;
  e->ended = true;
  health_end(e->probing);
  names_end(c);
  ports_end(c);
  output_drain(e->output);
  go_home(c);
  int64_t wait_ms = e->going_down ? -1 : restart_after(c, code, lived_ms);
  if (wait_ms < 0) ports_release(c);
  event_counted(c);
  record_exit(c, code, signal, event_end(c, code, lived_ms));
  if (c->input >= 0) close(c->input);
  if (c->pty_peer >= 0) close(c->pty_peer);
  close(c->init_fd);
  c->input = c->pty_peer = c->init_fd = -1;
  stop_listening(e->output->s);
  output_exit(e->output, code, signal);
  if (wait_ms >= 0) e->restart_ms = steady_ms() + (uint64_t)wait_ms;
  else e->owner_fd = record_owner(c, &e->owner);
}

void ending_reaped(struct ending *e, pid_t pid, int status) {
  if (pid == e->c->init_pid && !e->ended) end(e, status);
  if (pid == e->heir) e->heir = 0;
}

// There will be no next run: from here on it is as if there never was to be one.
static void stay_ended(struct ending *e) {
  e->restart_ms = 0;
  ports_release(e->c);
  restart_forget(e->c);
  e->owner_fd = record_owner(e->c, &e->owner);
}

void ending_wake(struct ending *e) {
  if (restart_unwanted(e->c)) return stay_ended(e);
  e->restart_ms = 0;
  e->restarts = true;
}

void ending_ask(struct ending *e) {
  if (e->restart_ms) return stay_ended(e);
  if (e->ended) return;
  e->going_down = true;
  sys_pidfd_signal(e->c->init_fd, SIGTERM);
}

void ending_owner_gone(struct ending *e) {
  close(e->owner_fd);
  e->owner_fd = record_owner(e->c, &e->owner);
}

static void run_on_exit(struct ending *e) {
  pid_t child = spawn_detached(e->c, e->c->settings.on_exit);
  if (child > 0 && e->restarts) e->heir = child;
}

void ending_finish(struct ending *e) {
  struct server *s = e->output->s;
  if (!e->over && !e->restart_ms && e->owner_fd < 0) {
    e->over = true;
    if (e->c->settings.on_exit && record_unfinished(e->c)) run_on_exit(e);
  }
  for (size_t i = 0; i < s->count; i++) {
    struct client *client = &s->client[i];
    if (client->at < s->out_used || client->finished) continue;
    // Not closed here: a client that is still writing would take the error for the end and lose what it has not read.
    client->finished = true;
    shutdown(client->fd, SHUT_WR);
  }
  attach_sweep(s);
  if (e->over && !s->count && !e->heir && log_done(&e->c->settings.log)) _exit(0);
}

void ending_drop_clients(struct ending *e) {
  struct server *s = e->output->s;
  for (size_t i = 0; i < s->count; i++)
    if (s->client[i].finished) attach_drop(s, &s->client[i]);
  attach_sweep(s);
}
