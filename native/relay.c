// Bytes between the user's streams and the monitor's frames. The streams are opened a second time where that is possible:
// O_NONBLOCK on the user's own descriptors would be seen by everybody who shares them.
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "terminal.h"

#define REPORT_MAX 8192

int relay_reopen(int fd, int flags) {
  char path[32];
  struct text t = {path, sizeof path, 0};
  struct stat s;
  if (fstat(fd, &s) || !(S_ISFIFO(s.st_mode) || isatty(fd))) return fd;
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)fd);
  int own = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return own < 0 ? fd : own;
}

void relay_open(struct relay *r, const struct client_options *options, int data, int control) {
  *r = (struct relay){.options = options, .data = data, .control = control, .stdin_open = options->input, .detach = options->detach};
  r->in = map_memory(RELAY_CHUNK);
  r->typed = map_memory(RELAY_CHUNK + 256);
  r->line = (struct text){map_memory(2048), 2048, 0};
  r->report = (struct text){map_memory(REPORT_MAX), REPORT_MAX, 0};
  if (!r->in || !r->typed || !r->line.at || !r->report.at) relay_leave(125);
  r->in_fd = options->input ? relay_reopen(0, O_RDONLY) : 0;
  r->out_fd[0] = options->attach ? relay_reopen(1, O_WRONLY) : 1;
  r->out_fd[1] = options->attach ? relay_reopen(2, O_WRONLY) : 2;
}

noreturn void relay_leave(int code) {
  terminal_restore();
  _exit(code);
}

// As the command itself would have ended: by SIGPIPE.
static noreturn void broken_pipe(void) {
  sigset_t set;
  terminal_restore();
  signal(SIGPIPE, SIG_DFL);
  kill(getpid(), SIGPIPE);
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  _exit(128 + SIGPIPE);
}

static noreturn void nothing_started(struct relay *r) {
  const struct client_options *o = r->options;
  terminal_restore();
  if (o->report < 0 && o->on_failure_count) {
    sigset_t none;
    char **arg = map_memory((o->on_failure_count + 2) * sizeof *arg);
    if (!arg) _exit(125);
    memcpy(arg, o->on_failure, o->on_failure_count * sizeof *arg);
    arg[o->on_failure_count] = r->report.at;
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(arg[0], arg, environ);
  }
  _exit(125);
}

static void begin(struct relay *r) {
  if (!r->options->attach) relay_leave(0);
  r->begun = r->begin_now = true;
}

static void report_line(struct relay *r) {
  const char *line = r->line.at;
  text_bytes(&r->report, line, r->line.used);
  if (r->options->report >= 0) write_all(r->options->report, line, r->line.used);
  r->line.used = 0;
  if (!strncmp(line, "error ", 6)) nothing_started(r);
  if (!strncmp(line, "done", 4)) relay_leave(0);
  if (strncmp(line, "started ", 8)) return;
  if (r->options->report >= 0) close(r->options->report);
  begin(r);
}

static noreturn void ended_early(struct relay *r) {
  if (!r->begun && !(r->options->attach && !r->options->on_failure_count && r->options->report < 0 && r->reader.type == FRAME_HELLO)) {
    text_add(&r->line, "error 0 monitor wait ECHILD the monitor died\n");
    report_line(r);
  }
  static const char words[] = "tsns: the container's monitor was killed, and the container with it\n";
  terminal_restore();
  write_all(2, words, sizeof words - 1);
  _exit(128 + SIGKILL);
}

static void control(struct relay *r, bool end) {
  for (size_t i = 0; i < r->pending.size && r->small_used < sizeof r->small; i++) r->small[r->small_used++] = r->pending.data[i];
  if (r->reader.type == FRAME_REPORT) text_bytes(&r->line, (const char *)r->pending.data, r->pending.size);
  r->pending.size = 0;
  if (!end) return;
  size_t n = r->small_used;
  r->small_used = 0;
  if (r->reader.type == FRAME_EXIT && n == 8) relay_leave((int)get_u32(r->small));
  if (r->reader.type == FRAME_HELLO) begin(r);
  if (r->reader.type == FRAME_REPORT) report_line(r);
}

void relay_output(struct relay *r) {
  int fd = r->out_fd[r->pending_number];
  if (r->options->mute[r->pending_number]) r->pending.size = 0;
  while (r->pending.size) {
    ssize_t n = write(fd, r->pending.data, r->pending.size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0 && errno == EPIPE) broken_pipe();
    if (n < 0) relay_leave(1);
    r->pending.data += n;
    r->pending.size -= (size_t)n;
  }
}

void relay_receive(struct relay *r) {
  if (r->in_at == r->in_used) {
    ssize_t n = recv(r->data, r->in, RELAY_CHUNK, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n <= 0) ended_early(r);
    r->in_at = 0;
    r->in_used = (size_t)n;
  }
  while (r->in_at < r->in_used && !r->pending.size) {
    size_t n = frame_take(&r->reader, r->in + r->in_at, r->in_used - r->in_at, &r->pending);
    if (n == (size_t)-1) ended_early(r);
    r->in_at += n;
    bool output = r->reader.type == FRAME_STDOUT || r->reader.type == FRAME_STDERR;
    if (!output && (r->pending.size || r->pending.end)) control(r, r->pending.end);
    if (!output) continue;
    r->pending_number = r->reader.type == FRAME_STDERR;
    relay_output(r);
  }
}

void relay_input(struct relay *r) {
  while (r->typed_at < r->typed_used) {
    ssize_t n = send(r->data, r->typed + r->typed_at, r->typed_used - r->typed_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    // The monitor has closed: what it sent before, the exit among it, is still to be read.
    if (n < 0) r->stdin_open = false;
    r->typed_at = n < 0 ? r->typed_used : r->typed_at + (size_t)n;
  }
  r->typed_at = r->typed_used = 0;
  if (r->detached) relay_leave(0);
}

static void end_of_input(struct relay *r) {
  r->stdin_open = false;
  // Who only gives input has nothing left to wait for.
  r->detached = r->options->mute[0] && r->options->mute[1];
  if (r->options->keep_input) return;
  frame_head(r->typed, FRAME_STDIN_END, 0);
  r->typed_used = FRAME_HEAD;
}

void relay_type(struct relay *r) {
  uint8_t *to = r->typed + FRAME_HEAD;
  uint8_t raw[4096];
  bool filter = r->options->tty && r->detach.count;
  ssize_t n = filter ? read(r->in_fd, raw, sizeof raw) : read(r->in_fd, to, RELAY_CHUNK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) end_of_input(r);
  size_t used = n > 0 ? (size_t)n : 0;
  if (used && filter) used = detach_filter(&r->detach, raw, used, to, &r->detached);
  if (used) {
    frame_head(r->typed, FRAME_STDIN, (uint32_t)used);
    r->typed_used = FRAME_HEAD + used;
  }
  relay_input(r);
}
