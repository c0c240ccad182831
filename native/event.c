// The monitor's lines in the file of events, in the shape of docker's: the plan gives the text that says of which container, up to
// its attributes, which are left open. One write each, so that lines of several writers stay whole.
#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "operation.h"
#include "text.h"

#define LINE_MAX_BYTES 65536
#define COUNTER_BYTES 512

int op_events(struct context *c, char **arg, size_t count) {
  (void)count;
  char *slash = strrchr(arg[0], '/');
  if (!slash || !slash[1]) return errno = EINVAL, fail(c, "parse", arg[0]);
  // Opened now: a monitor of exec is in the container's mount namespace later.
  *slash = 0;
  int dir = open(slash == arg[0] ? "/" : arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  *slash = '/';
  if (dir < 0) return fail(c, "open", arg[0]);
  c->settings.event.dir = dir;
  c->settings.event.name = slash + 1;
  c->settings.event.end_action = arg[1];
  c->settings.event.actor = arg[2];
  return 0;
}

int op_event_start(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.event.start_action = arg[0];
  return 0;
}

int op_event_counted(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.event.counted = arg;
  return 0;
}

int event_settle(struct context *c) {
  struct event *e = &c->settings.event;
  if (!e->name || c->settings.state_fd < 0) return 0;
  if (replace_file(c->settings.state_fd, "actor", e->actor, strlen(e->actor))) return fail(c, "write", "actor");
  e->actor = NULL;
  return 0;
}

static void add_actor(struct context *c, struct text *t) {
  const struct event *e = &c->settings.event;
  if (e->actor) {
    text_add(t, e->actor);
    return;
  }
  ssize_t n = read_file(c->settings.state_fd, "actor", t->at + t->used, t->size - t->used);
  if (n > 0) t->used += (size_t)n;
}

// `more` is text of further attributes.
static bool append(struct context *c, const char *action, const char *detail, const char *more) {
  const struct event *e = &c->settings.event;
  char *line = e->name ? map_memory(LINE_MAX_BYTES) : NULL;
  if (!line) return false;
  struct text t = {line, LINE_MAX_BYTES, 0};
  struct timespec now = calendar_now();
  text_add(&t, "{\"Type\":\"container\",\"Action\":\"");
  text_add(&t, action);
  text_add(&t, detail);
  text_add(&t, "\",");
  add_actor(c, &t);
  text_add(&t, more);
  text_add(&t, "}},\"scope\":\"local\",\"time\":");
  text_number(&t, (uint64_t)now.tv_sec);
  text_add(&t, ",\"timeNano\":");
  text_number(&t, (uint64_t)now.tv_sec);
  text_padded(&t, (uint64_t)now.tv_nsec, 9);
  text_add(&t, "}\n");
  int fd = t.used < LINE_MAX_BYTES - 1 ? openat(e->dir, e->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
  bool written = fd >= 0 && write(fd, line, t.used) == (ssize_t)t.used;
  if (fd >= 0) close(fd);
  unmap_memory(line, LINE_MAX_BYTES);
  return written;
}

// A file of lines `KEY NUMBER`, as cgroups have them.
static bool has_counted(const char *path, const char *key) {
  char content[COUNTER_BYTES];
  size_t n = strlen(key);
  if (read_file(AT_FDCWD, path, content, sizeof content) <= 0) return false;
  for (char *at = content; at; at = strchr(at, '\n')) {
    at += *at == '\n';
    if (!strncmp(at, key, n) && at[n] == ' ') return at[n + 1] > '0' && at[n + 1] <= '9';
  }
  return false;
}

void event_counted(struct context *c) {
  char **counted = c->settings.event.counted;
  if (counted && has_counted(counted[1], counted[2])) append(c, counted[0], "", "");
}

void event_start(struct context *c) {
  if (c->settings.event.start_action) append(c, c->settings.event.start_action, "", "");
}

bool event_end(struct context *c, unsigned code, uint64_t lived_ms) {
  char more[96];
  struct text t = {more, sizeof more, 0};
  if (!c->settings.event.name) return false;
  // docker tells it of containers only.
  if (c->settings.state_fd >= 0) {
    text_add(&t, ",\"execDuration\":\"");
    text_number(&t, lived_ms / 1000);
    text_add(&t, "\"");
  }
  text_add(&t, ",\"exitCode\":\"");
  text_number(&t, code);
  text_add(&t, "\"");
  return append(c, c->settings.event.end_action, "", more);
}

void event_health(struct context *c, const char *status) {
  append(c, "health_status: ", status, "");
}
