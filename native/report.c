// Report lines: put together where something happens, carried by the channel (init) or a frame (monitor) to the client.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "frame.h"
#include "io.h"
#include "sandbox.h"
#include "text.h"

int fail(struct context *c, const char *call, const char *detail) {
  c->failure.error = errno;
  c->failure.call = call;
  c->failure.detail = detail;
  return -1;
}

static void send_whole(int fd, const char *data, size_t n) {
  while (n) {
    ssize_t done = send(fd, data, n, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    data += done;
    n -= (size_t)done;
  }
}

int report_text(struct context *c, const char *line, size_t size) {
  char frame[FRAME_HEAD + REPORT_LINE];
  if (c->creation.told) text_bytes(c->creation.told, line, size);
  if (c->report_fd < 0 || size > REPORT_LINE) return 0;
  if (c->mode == MODE_CREATE) return write_all(c->report_fd, line, size);
  frame_head((uint8_t *)frame, FRAME_REPORT, (uint32_t)size);
  memcpy(frame + FRAME_HEAD, line, size);
  send_whole(c->report_fd, frame, FRAME_HEAD + size);
  return 0;
}

static void report_failure(struct context *c, char kind, const char *word) {
  char line[REPORT_LINE];
  struct text t = {line, sizeof line - 1, 0};
  const struct failure *f = &c->failure;
  if (c->in_init && !c->creation.released) text_bytes(&t, &kind, 1);
  text_add(&t, word);
  text_number(&t, c->index);
  text_add(&t, " ");
  const struct step *step = c->index < c->plan.count ? &c->plan.step[c->index] : NULL;
  const char *name = !step ? "plan" : step->count && !strcmp(step->arg[-1], "meet") ? step->arg[0] : step->arg[-1];
  text_escaped(&t, name, strnlen(name, 64));
  text_add(&t, " ");
  text_add(&t, f->call);
  text_add(&t, " ");
  text_add(&t, errno_name(f->error));
  text_add(&t, " ");
  text_escaped(&t, f->detail, strlen(f->detail));
  line[t.used++] = '\n';
  if (c->in_init) send_whole(c->report_fd, line, t.used);
  else report_text(c, line, t.used);
}

void report_warning(struct context *c) {
  report_failure(c, CHANNEL_WARNING, "warning ");
}

void report_error(struct context *c) {
  report_failure(c, CHANNEL_ERROR, "error ");
}

int report_process(struct context *c, const char *word, pid_t pid, uint64_t start) {
  char line[64];
  struct text t = {line, sizeof line, 0};
  text_add(&t, word);
  text_add(&t, " ");
  text_number(&t, (uint64_t)pid);
  text_add(&t, " ");
  text_number(&t, start);
  text_add(&t, "\n");
  return report_text(c, line, t.used);
}
