// The operations that say where the output goes.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "operation.h"
#include "text.h"

static int wrong(struct context *c, const char *detail) {
  errno = EINVAL;
  return fail(c, "parse", detail);
}

static int open_log(struct context *c, enum log_kind kind, char **arg) {
  char *slash = strrchr(arg[0], '/');
  if (!slash || !slash[1] || strlen(slash) > 240) return wrong(c, arg[0]);
  *slash = 0;
  int dir = open(slash == arg[0] ? "/" : arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
  *slash = '/';
  if (dir < 0) return fail(c, "open", arg[0]);
  uint64_t files = number(arg[2]);
  if (log_open(&c->settings.log, kind, dir, slash + 1, number(arg[1]), files > 1000 ? 1000 : (unsigned)files))
    return fail(c, "open", arg[0]);
  return 0;
}

int op_log(struct context *c, char **arg, size_t count) {
  if (count > 4) return wrong(c, "too many arguments");
  if (count == 4 && arg[3][0]) {
    size_t n = strlen(arg[3]);
    if (n >= LOG_ATTRIBUTES) return wrong(c, "attributes");
    char *kept = map_memory(n + 1);  // the plan's pages are given back
    if (!kept) return fail(c, "mmap", "attributes");
    memcpy(kept, arg[3], n);
    c->settings.log.attributes = kept;
  }
  return open_log(c, LOG_JSON, arg);
}

int op_log_local(struct context *c, char **arg, size_t count) {
  (void)count;
  return open_log(c, LOG_LOCAL, arg);
}

static struct sink *sink_of(struct context *c) {
  struct log *log = &c->settings.log;
  if (log->sink) return log->sink;
  if ((log->sink = map_memory(sizeof *log->sink))) log->sink->fd = -1;
  else fail(c, "mmap", "log");
  return log->sink;
}

int op_log_format(struct context *c, char **arg, size_t count) {
  struct sink *sink = sink_of(c);
  if (!sink) return -1;
  for (size_t i = 0; i < count; i++)
    if (!format_add(sink->program, sizeof sink->program, &sink->program_used, arg[i])) return wrong(c, arg[i]);
  return 0;
}

int op_log_zone(struct context *c, char **arg, size_t count) {
  struct sink *sink = sink_of(c);
  if (!sink) return -1;
  (void)count;
  struct log_zone *zone = &sink->zone;
  if (zone->count == ZONES_MAX || !parse_signed(arg[0], &zone->from[zone->count])) return wrong(c, arg[0]);
  if (!parse_signed(arg[1], &zone->offset[zone->count])) return wrong(c, arg[1]);
  zone->count++;
  return 0;
}

int op_log_sink(struct context *c, char **arg, size_t count) {
  struct sink *sink = sink_of(c);
  if (!sink) return -1;
  (void)count;
  struct sink_choice *choice = &sink->choice;
  size_t size;
  *choice = (struct sink_choice){.type = strcmp(arg[0], "stream") ? SOCK_DGRAM : SOCK_STREAM};
  if (!parse_bytes(arg[1], (uint8_t *)&choice->address, sizeof choice->address, &size) || size < 2) return wrong(c, arg[1]);
  choice->address_size = (socklen_t)size;
  choice->limit = number(arg[2]);
  choice->tries = number(arg[3]);
  choice->wait_ms = number(arg[4]);
  for (const char *flag = arg[5]; *flag; flag++) {
    if (*flag == 'd') choice->drop = true;
    else if (*flag == 'l') choice->late = true;
    else if (*flag == 'c') choice->chunked = true;
    else if (*flag != '-') return wrong(c, arg[5]);
  }
  if (!choice->late && sink_connect(sink)) return fail(c, "connect", arg[6]);
  return 0;
}
