// From the plan's first operation to the running command: the monitor's part of a start.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "attach.h"
#include "channel.h"
#include "event.h"
#include "health.h"
#include "init.h"
#include "io.h"
#include "map.h"
#include "monitor.h"
#include "name.h"
#include "namespace.h"
#include "port.h"
#include "operation.h"
#include "record.h"
#include "runtime.h"
#include "streams.h"
#include "sys.h"
#include "text.h"
#include "title.h"

static void detach_from_caller(struct context *c, char **argv, char **envp) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  if (null > 2) close(null);
  setsid();
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  title_take(argv, envp);
  title_set("tsns-monitor", NULL);
  umask(022);
  if (chdir("/")) _exit(1);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  c->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

noreturn void monitor_run(struct context *c, struct monitor_start start, char **argv, char **envp) {
  detach_from_caller(c, argv, envp);
  c->report_fd = start.data;
  for (c->index = 0; c->index < c->plan.count; c->index++) {
    const char *name = c->plan.step[c->index].arg[-1];
    bool cloned = !strcmp(name, "clone") || !strcmp(name, "runtime-create"), reported = false;
    if (operation_perform(c)) {
      report_error(c);
      _exit(1);
    }
    if (!cloned) continue;
    monitor_settle(c, &start, c->channel, &reported);
    if (!reported) report_error(c);
    _exit(1);
  }
  report_text(c, "done\n", 5);
  _exit(0);
}

int op_clone(struct context *c, char **arg, size_t count) {
  (void)count;
  int streams[3], ends[2];
  if (streams_make(c, streams)) return -1;
  if (channel_pair(ends)) return fail(c, "socketpair", "channel");
  c->channel = ends[0];
  c->init_pid = namespace_clone(c, number(arg[0]));
  if (c->init_pid < 0) return -1;
  if (!c->init_pid) init_run(c, ends[1], streams);
  close(ends[1]);
  for (size_t i = 0; i < c->settings.join_count; i++) close(c->settings.join_fd[i]);
  streams_close(streams);
  if (c->creation.gate) close(c->creation.gate);
  return 0;
}

static int settle_init(struct context *c, struct monitor_start *start, int channel) {
  size_t clone_index = c->index;
  if (c->settings.uid_map) {
    c->index = c->settings.idmap_index;
    if (map_write(c, c->init_pid, c->settings.uid_map, c->settings.gid_map)) return -1;
    channel_send(channel, CHANNEL_MAPPED, NULL, 0);
  }
  if (operations_perform_late(c) || names_settle(c) || ports_settle(c)) return -1;
  c->index = c->settings.state_index;
  if (event_settle(c) || health_settle(c)) return -1;
  if ((start->listener = attach_listen(c)) == -2) return -1;
  if (record_running(c)) return fail(c, "rename", "monitor");
  c->index = clone_index;
  if (c->settings.runtime_start) return runtime_start(c);
  channel_send(channel, CHANNEL_GO, NULL, 0);
  return 0;
}

// Init's messages up to its exec, which closes the channel. 1: it runs, 0: what went wrong is in `line`, of `size` bytes, -1: it died.
static int hear_init(struct context *c, int channel, char line[REPORT_LINE + 1], size_t *size) {
  int fds[2], result = -1;
  for (;;) {
    ssize_t n = channel_receive(channel, line, REPORT_LINE + 1, fds);
    if (n <= 0) break;
    *size = (size_t)n;
    if (line[0] == CHANNEL_EXEC) result = 1;
    if (line[0] == CHANNEL_WARNING) report_text(c, line + 1, *size - 1);
    if (line[0] == CHANNEL_ERROR) return 0;
    if (line[0] == CHANNEL_PTY) {
      c->pty = fds[0];
      c->pty_peer = fds[1];
      fcntl(c->pty, F_SETFL, O_RDWR | O_NONBLOCK);
    }
  }
  return result;
}

void init_end(struct context *c, char *detail, size_t size) {
  int status = 0;
  struct text t = {detail, size, 0};
  sys_pidfd_signal(c->init_fd, SIGKILL);
  while (waitpid(c->init_pid, &status, 0) < 0 && errno == EINTR) continue;
  text_add(&t, WIFSIGNALED(status) ? "ended by signal " : "exited with ");
  text_number(&t, (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
  record_remove(c);
}

// As hear_init. One that has not begun has been ended, and only then is it told: who hears of it finds neither the process nor its files.
// A frame of its own: the caller's stays for as long as the container runs.
static __attribute__((noinline)) int hear_out(struct context *c, int channel) {
  char line[REPORT_LINE + 1];
  size_t size = 0;
  int heard = hear_init(c, channel, line, &size);
  if (heard > 0) return heard;
  init_end(c, c->failure.text, sizeof c->failure.text);
  if (!heard) report_text(c, line + 1, size - 1);
  return heard;
}

#define KEPT_MAX (AT_EXIT_MAX * 2 + 16)

// The strings of the plan that are needed until the end, each by the place that points to it.
static size_t kept_strings(struct settings *s, char **place[KEPT_MAX]) {
  size_t count = 0;
  struct event *e = &s->event;
  char **one[] = {&e->name, &e->end_action, &e->actor, &s->health.freezer};
  for (size_t i = 0; i < sizeof one / sizeof *one; i++)
    if (*one[i]) place[count++] = one[i];
  for (int i = 0; e->counted && i < 3; i++) place[count++] = &e->counted[i];
  for (size_t i = 0; i < s->at_exit_count; i++)
    for (int k = 0; k < 2; k++) place[count++] = &s->at_exit[i][k];
  return count;
}

// Lists of arguments move out of the plan's table; returns the place behind them.
static char **keep_list(char ***list, char **to, size_t count) {
  if (!*list) return to;
  memcpy(to, *list, count * sizeof *to);
  *list = to;
  return to + count;
}

// Copies what is needed until the end out of the plan, whose pages are given back.
static void forget_plan(struct context *c) {
  struct settings *s = &c->settings;
  char **place[KEPT_MAX], **list;
  size_t lists = s->on_exit_count + 1 + 2 * s->at_exit_count + 3, size = lists * sizeof *list;
  size_t kept = kept_strings(s, place);
  for (size_t i = 0; i < kept; i++) size += strlen(*place[i]) + 1;
  for (size_t i = 0; i < s->on_exit_count; i++) size += strlen(s->on_exit[i]) + 1;
  if (s->log.file.name) size += strlen(s->log.file.name) + 1;
  if (!(list = map_memory(size))) return;
  char *at = (char *)(list + lists);
#define KEEP(string) (at = stpcpy(at, string) + 1, at - strlen(string) - 1)
  list = keep_list(&s->on_exit, list, s->on_exit_count + 1);
  for (size_t i = 0; i < s->at_exit_count; i++) list = keep_list(&s->at_exit[i], list, 2);
  keep_list(&s->event.counted, list, 3);
  for (size_t i = 0; i < s->on_exit_count; i++) s->on_exit[i] = KEEP(s->on_exit[i]);
  kept = kept_strings(s, place);
  for (size_t i = 0; i < kept; i++) *place[i] = KEEP(*place[i]);
  if (s->log.file.name) s->log.file.name = KEEP(s->log.file.name);
#undef KEEP
  unmap_memory(c->plan.text, c->plan.size);
  unmap_memory(c->plan.table, c->plan.table_size);
  c->plan.count = 0;
}

void monitor_settle(struct context *c, struct monitor_start *start, int channel, bool *reported) {
  char detail[48];
  size_t clone_index = c->index;
  if (settle_init(c, start, channel)) {
    struct failure noted = c->failure;
    init_end(c, detail, sizeof detail);
    c->failure = noted;
    return;
  }
  int heard = c->settings.runtime_start ? 1 : hear_out(c, channel);
  if (heard <= 0) {
    c->index = clone_index;
    errno = ECHILD;
    fail(c, "clone3", c->failure.text);
    *reported = !heard;
    return;
  }
  if (channel >= 0) close(channel);
  c->channel = -1;
  // Descriptors the plan opened for its operations.
  sys_close_range(100, 199, 0);
  // Before anybody can tell of its end.
  event_start(c);
  forget_plan(c);
  report_process(c, "started", c->init_pid, start_time(c->proc_fd, c->init_pid));
  monitor_loop(c, start);
}
