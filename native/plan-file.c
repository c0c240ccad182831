// Plans as files, and the empty context that a plan begins with.
#include "plan-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "operation.h"
#include "text.h"

#define PLAN_MAX (16u << 20)

static bool read_plan(struct context *c, int dir, const char *path, bool keep) {
  struct stat s;
  int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(c, "open", path), false;
  if (!keep) unlinkat(dir, path, 0);
  if (fstat(fd, &s) || s.st_size > PLAN_MAX) return errno = EFBIG, fail(c, "read", path), false;
  c->plan.text = map_memory((size_t)s.st_size + 1);
  if (!c->plan.text) return fail(c, "mmap", path), false;
  ssize_t n;
  while (c->plan.size < (size_t)s.st_size && (n = read(fd, c->plan.text + c->plan.size, (size_t)s.st_size - c->plan.size)) > 0)
    c->plan.size += (size_t)n;
  close(fd);
  return true;
}

bool plan_load(struct context *c, int dir, const char *path, bool keep) {
  struct plan_fault fault;
  if (!read_plan(c, dir, path, keep)) return false;
  c->plan.table_size = plan_table_size(c->plan.text, c->plan.size);
  c->plan.table = map_memory(c->plan.table_size);
  if (!c->plan.table) return fail(c, "mmap", path), false;
  if (plan_parse(&c->plan, &fault) && operations_check(&c->plan, c->mode, &fault)) return true;
  c->index = fault.index;
  c->failure = (struct failure){.call = "parse", .detail = fault.detail, .error = EINVAL};
  return false;
}

static int perform_first(struct context *c, struct context *file, const char *name, const char *word, perform_step *perform) {
  if (!plan_load(file, c->settings.state_fd, name, false)) {
    c->failure = (struct failure){.call = file->failure.call, .error = file->failure.error, .detail = name};
    return -1;
  }
  const struct step *step = file->plan.step;
  if (strcmp(step->arg[-1], word)) return errno = EINVAL, fail(c, "parse", name);
  return perform(c, step->arg, step->count);
}

int plan_perform_file(struct context *c, const char *name, const char *word, perform_step *perform) {
  if (c->init_fd < 0 || c->settings.state_fd < 0) return errno = ESRCH, fail(c, "pidfd_open", "init");
  struct context *file = map_memory(sizeof *file);
  if (!file) return fail(c, "mmap", name);
  context_clear(file);
  int result = perform_first(c, file, name, word, perform);
  // What it says may lie in the file.
  if (result) {
    struct text t = {c->failure.text, sizeof c->failure.text, 0};
    if (c->failure.detail != c->failure.text) text_add(&t, c->failure.detail);
    c->failure.detail = c->failure.text;
  }
  if (file->plan.text) unmap_memory(file->plan.text, file->plan.size + 1);
  if (file->plan.table) unmap_memory(file->plan.table, file->plan.table_size);
  unmap_memory(file, sizeof *file);
  return result;
}

void context_clear(struct context *c) {
  *c = (struct context){.mode = MODE_RUN, .report_fd = -1, .proc_fd = -1, .root_fd = -1, .channel = -1, .init_fd = -1, .input = -1, .output = {-1, -1}, .pty = -1, .pty_peer = -1};
  c->settings.state_fd = c->settings.cgroup_fd = -1;
  c->settings.log.file.fd = -1;
}
