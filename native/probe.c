// A probe: a process of its own between monitor and command, which enters the container, gathers output, keeps the time and ends
// what the command leaves behind. Inside the container its child `keeper` stays the parent of all that comes from the command, so that
// nothing of it becomes the container's.
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "io.h"
#include "monitor.h"
#include "operation.h"
#include "plan-file.h"
#include "sys.h"
#include "text.h"
#include "title.h"

#define REAP_MS 5  // between two looks at what is still to be killed

struct probe {
  struct context c;
  struct probe_result result;
  int result_fd, container_fd;
  bool failed, cut;
  char output[PROBE_OUTPUT + 1];
  struct text text;
};

static noreturn void tell(struct probe *p) {
  char whole[sizeof p->result + PROBE_OUTPUT];
  p->result.ended = calendar_now();
  if (p->cut) memcpy(p->output + PROBE_OUTPUT - 3, "...", 3);
  memcpy(whole, &p->result, sizeof p->result);
  memcpy(whole + sizeof p->result, p->output, p->text.used);
  write_all(p->result_fd, whole, sizeof p->result + p->text.used);
  _exit(0);
}

static void add(struct probe *p, const char *data, size_t n) {
  p->cut |= n > PROBE_OUTPUT - p->text.used;
  text_bytes(&p->text, data, n);
}

// The words of a report line from its operation on.
static void add_failure(struct probe *p, const char *line, size_t n) {
  static const char head[] = "cannot run the probe: ";
  p->text.used = 0;
  add(p, head, sizeof head - 1);
  add(p, line, n);
  p->failed = true;
}

static noreturn void give_up(struct probe *p) {
  char line[REPORT_LINE];
  struct text t = {line, sizeof line, 0};
  const struct failure *f = &p->c.failure;
  text_add(&t, f->call);
  text_add(&t, " ");
  text_add(&t, errno_name(f->error));
  text_add(&t, " ");
  text_add(&t, f->detail);
  add_failure(p, line, t.used);
  p->result.code = -1;
  tell(p);
}

// Of the monitor's descriptors only these stay, numbered from 3 on: what a client or the log waits for is not kept open here.
static void keep_own(struct probe *p, const struct context *monitor) {
  int *kept[] = {&p->result_fd, &p->c.proc_fd, &p->container_fd, &p->c.settings.state_fd};
  p->c.proc_fd = monitor->proc_fd;
  p->container_fd = monitor->init_fd;
  p->c.settings.state_fd = monitor->settings.state_fd;
  for (int i = 0; i < 4; i++) *kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, 10);
  for (int i = 0; i < 4; i++) *kept[i] = dup3(*kept[i], 3 + i, O_CLOEXEC);
  sys_close_range(7, ~0u, 0);
}

static void enter(struct probe *p) {
  struct context *c = &p->c;
  if (!plan_load(c, c->settings.state_fd, "probe", true)) give_up(p);
  close(c->settings.state_fd);
  c->settings.state_fd = -1;
  for (c->index = 0; c->index < c->plan.count; c->index++) {
    bool cloned = !strcmp(c->plan.step[c->index].arg[-1], "clone");
    if (operation_perform(c)) give_up(p);
    if (cloned) break;
  }
  if (c->channel < 0) errno = EINVAL, fail(c, "parse", "probe"), give_up(p);
  // A change of credentials has taken the setting away.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  channel_send(c->channel, CHANNEL_GO, NULL, 0);
}

// False once the keeper has let go of the channel: the command has ended.
static bool hear(struct probe *p) {
  char line[REPORT_LINE + 1];
  int fds[2];
  ssize_t n = channel_receive(p->c.channel, line, sizeof line, fds);
  if (n <= 0) return false;
  if (line[0] == CHANNEL_ERROR) add_failure(p, line + 1, (size_t)n - 1);
  return line[0] != CHANNEL_ERROR;
}

static void gather(struct probe *p, int *fd) {
  char chunk[PROBE_OUTPUT];
  ssize_t n;
  while ((n = read(*fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0 && !p->failed) add(p, chunk, (size_t)n);
  if (n < 0 && errno == EAGAIN) return;
  close(*fd);
  *fd = -1;
}

// Until the command has ended. False when time is over or the container has ended.
static bool attend(struct probe *p, uint64_t until_ms) {
  struct context *c = &p->c;
  for (;;) {
    struct pollfd at[] = {
        {.fd = c->channel, .events = POLLIN},
        {.fd = p->container_fd, .events = POLLIN},
        {.fd = c->output[0], .events = POLLIN},
        {.fd = c->output[1], .events = POLLIN},
    };
    uint64_t now = steady_ms();
    if (now >= until_ms || poll(at, 4, (int)(until_ms - now)) < 0) {
      if (now >= until_ms) return false;
      continue;
    }
    if (at[2].revents) gather(p, &c->output[0]);
    if (at[3].revents) gather(p, &c->output[1]);
    if (at[1].revents) return false;
    if (at[0].revents && !hear(p)) return true;
  }
}

// The processes below the keeper: its own children, and with time those of its children.
static bool kill_children(struct context *c) {
  char path[64], list[4096];
  struct text t = {path, sizeof path, 0};
  text_number(&t, (uint64_t)c->init_pid);
  text_add(&t, "/task/");
  text_number(&t, (uint64_t)c->init_pid);
  text_add(&t, "/children");
  if (read_file(c->proc_fd, path, list, sizeof list) < 0) return false;
  for (char *at = list; *at;) {
    char *end;
    long pid = strtol(at, &end, 10);
    if (end == at) break;
    kill((pid_t)pid, SIGKILL);
    at = end;
  }
  return true;
}

// Ends what is there of the probe; the keeper's status.
static int clear_away(struct probe *p, bool now) {
  struct context *c = &p->c;
  struct pollfd keeper = {.fd = c->init_fd, .events = POLLIN};
  int status = 0;
  // A command without children left takes its keeper along at once.
  if (!now) poll(&keeper, 1, REAP_MS);
  while (waitpid(c->init_pid, &status, WNOHANG) != c->init_pid) {
    // Where the kernel lists no children: the session, which the keeper leads.
    if (!kill_children(c)) kill(-c->init_pid, SIGKILL);
    poll(&keeper, 1, REAP_MS);
    if (c->output[0] >= 0) gather(p, &c->output[0]);
    if (c->output[1] >= 0) gather(p, &c->output[1]);
  }
  return status;
}

static void add_timeout(struct probe *p, uint64_t limit_ms) {
  char said[PROBE_OUTPUT + 1];
  size_t used = p->text.used;
  memcpy(said, p->output, used);
  p->text.used = 0;
  text_add(&p->text, "Health check exceeded timeout (");
  text_number(&p->text, limit_ms / 1000);
  if (limit_ms % 1000) text_add(&p->text, "."), text_padded(&p->text, limit_ms % 1000, 3);
  text_add(&p->text, used ? "s): " : "s)");
  add(p, said, used);
}

noreturn void probe_run(struct context *monitor, int result_fd) {
  static struct probe probe;
  struct probe *p = &probe;
  uint64_t limit_ms = monitor->settings.health.timeout_ms;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  title_set("tsns-probe", NULL);
  context_clear(&p->c);
  p->text = (struct text){p->output, sizeof p->output, 0};
  p->result.began = calendar_now();
  p->result_fd = result_fd;
  p->c.init_pid = monitor->init_pid;
  keep_own(p, monitor);
  p->c.init_fd = p->container_fd;
  enter(p);
  bool ended = attend(p, steady_ms() + limit_ms);
  bool late = !ended && !p->failed;
  int status = clear_away(p, late);
  for (int i = 0; i < 2; i++)
    if (p->c.output[i] >= 0) gather(p, &p->c.output[i]);
  p->result.code = p->failed || late ? -1 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (late) add_timeout(p, limit_ms);
  tell(p);
}
