// The monitor's part of health checks: the clock of probes, the status their results lead to, the files that tell of it. docker's
// rules: a failure counts only when the container has been healthy or its start period is over; `retries` in a row are unhealthy.
#include "health.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "clock.h"
#include "event.h"
#include "io.h"
#include "limit.h"
#include "operation.h"
#include "probe.h"
#include "text.h"

#define RECORDS 5
// Each byte of an output may become four, beside three numbers.
#define FILE_BYTES (RECORDS * (4 * PROBE_OUTPUT + 128) + 64)

static const char starting[] = "starting", healthy[] = "healthy", unhealthy[] = "unhealthy";

int op_health(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.health = (struct health){true, number(arg[0]), number(arg[1]), number(arg[2]), number(arg[3]), number(arg[4]), arg[5]};
  return 0;
}

int op_probe(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  struct settings *s = &c->settings;
  if (!s->probe_count++) s->probe_first = c->index;
  if (c->index - s->probe_first + 1 == s->probe_count) return 0;
  errno = EINVAL;
  return fail(c, "parse", "something stands between the operations of a probe");
}

static size_t encode(struct context *c, char *at) {
  size_t size = 0;
  for (size_t i = 0; i < c->settings.probe_count; i++) {
    const struct step *step = &c->plan.step[c->settings.probe_first + i];
    char digits[24];
    struct text t = {digits, sizeof digits, 0};
    text_number(&t, step->count);
    if (at) memcpy(at + size, digits, t.used + 1);
    size += t.used + 1;
    for (size_t k = 0; k < step->count; k++) {
      size_t n = strlen(step->arg[k]) + 1;
      if (at) memcpy(at + size, step->arg[k], n);
      size += n;
    }
  }
  return size;
}

// The file: "STATUS STREAK", then a line for each of the last probes, the oldest first: began, ended, code, output.
static int write_status(struct context *c, const char *status, uint64_t streak, const char *records) {
  char *content = map_memory(FILE_BYTES);
  if (!content) return -1;
  struct text t = {content, FILE_BYTES, 0};
  text_add(&t, status);
  text_add(&t, " ");
  text_number(&t, streak);
  text_add(&t, "\n");
  text_add(&t, records);
  int result = replace_file(c->settings.state_fd, "health", content, t.used);
  unmap_memory(content, FILE_BYTES);
  return result;
}

int health_settle(struct context *c) {
  if (!c->settings.health.wanted || c->settings.state_fd < 0) return 0;
  size_t size = encode(c, NULL);
  char *plan = map_memory(size + 1);
  if (!plan) return fail(c, "mmap", "probe");
  encode(c, plan);
  int result = replace_file(c->settings.state_fd, "probe", plan, size);
  unmap_memory(plan, size + 1);
  if (result) return fail(c, "write", "probe");
  return write_status(c, starting, 0, "") ? fail(c, "write", "health") : 0;
}

static void wait_for_next(struct context *c, struct probing *p) {
  const struct health *h = &c->settings.health;
  uint64_t now = steady_ms();
  bool early = p->status == starting && now - p->started_ms < h->start_period_ms;
  p->due_ms = now + (early ? h->start_interval_ms : h->interval_ms);
}

void health_begin(struct context *c, struct probing *p) {
  *p = (struct probing){.fd = -1, .status = starting, .started_ms = steady_ms()};
  if (c->settings.health.wanted) wait_for_next(c, p);
}

int health_patience(const struct probing *p) {
  if (p->fd >= 0 || !p->due_ms) return -1;
  return steady_left(p->due_ms);
}

static bool is_paused(const struct health *h) {
  char state[2];
  return *h->freezer && read_file(AT_FDCWD, h->freezer, state, sizeof state) > 0 && (*state == 'F' || *state == '1');
}

void health_tick(struct context *c, struct probing *p) {
  int ends[2];
  if (health_patience(p)) return;
  wait_for_next(c, p);
  if (is_paused(&c->settings.health) || pipe2(ends, O_CLOEXEC | O_NONBLOCK)) return;
  pid_t child = fork();
  if (!child) limit_restore();
  if (!child) probe_run(c, ends[1]);
  close(ends[1]);
  p->fd = ends[0];
}

// The records that stay: all but the oldest of five.
static char *last_records(char *file) {
  char *first = strchr(file, '\n');
  if (!first) return file + strlen(file);
  size_t lines = 0;
  for (char *at = first + 1; *at; at++) lines += *at == '\n';
  return lines < RECORDS ? first + 1 : strchr(first + 1, '\n') + 1;
}

static void add_time(struct text *t, struct timespec when) {
  text_number(t, (uint64_t)when.tv_sec);
  text_padded(t, (uint64_t)when.tv_nsec, 9);
  text_add(t, " ");
}

static void record_result(struct context *c, struct probing *p, const struct probe_result *result, const char *output, size_t n) {
  char *file = map_memory(FILE_BYTES);
  if (!file) return;
  if (read_file(c->settings.state_fd, "health", file, FILE_BYTES) < 0) *file = 0;
  char *records = last_records(file);
  struct text t = {records, FILE_BYTES - (size_t)(records - file), strlen(records)};
  add_time(&t, result->began);
  add_time(&t, result->ended);
  text_add(&t, result->code < 0 ? "-1" : "");
  if (result->code >= 0) text_number(&t, (uint64_t)result->code);
  text_add(&t, " ");
  text_escaped(&t, output, n);
  text_add(&t, "\n");
  write_status(c, p->status, p->streak, records);
  unmap_memory(file, FILE_BYTES);
}

static void judge(struct context *c, struct probing *p, const struct probe_result *result) {
  const struct health *h = &c->settings.health;
  if (!result->code) {
    p->streak = 0;
    p->status = healthy;
    return;
  }
  if (p->status == starting && steady_ms() - p->started_ms < h->start_period_ms) return;
  if (++p->streak >= h->retries) p->status = unhealthy;
}

void health_read(struct context *c, struct probing *p) {
  const size_t room = sizeof(struct probe_result) + PROBE_OUTPUT;
  if (!p->result && !(p->result = map_memory(room))) return;
  ssize_t n;
  while (p->used < room && (n = read(p->fd, p->result + p->used, room - p->used)) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) break;
    p->used += (size_t)n;
  }
  struct probe_result result = {.code = -1, .began = calendar_now(), .ended = calendar_now()};
  const char *before = p->status;
  bool whole = p->used >= sizeof result;
  if (whole) memcpy(&result, p->result, sizeof result);
  judge(c, p, &result);
  if (whole) record_result(c, p, &result, p->result + sizeof result, p->used - sizeof result);
  else record_result(c, p, &result, "the probe was killed", 20);
  if (before != p->status) event_health(c, p->status);
  health_end(p);
  wait_for_next(c, p);
}

void health_end(struct probing *p) {
  if (p->fd >= 0) close(p->fd);
  if (p->result) unmap_memory(p->result, sizeof(struct probe_result) + PROBE_OUTPUT);
  p->fd = -1;
  p->result = NULL;
  p->used = 0;
  p->due_ms = 0;
}
