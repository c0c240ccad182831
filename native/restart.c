// The wait between two runs of a container: when one is due, what says so, what takes it back. The next run is another
// monitor's: its plan is made when its time has come.
#include "restart.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "operation.h"
#include "text.h"

static const char *const words[] = {"no", "failure", "always"};

static int find_word(const char *word, size_t n) {
  for (int i = 0; i < 3; i++)
    if (strlen(words[i]) == n && !strncmp(words[i], word, n)) return i;
  return -1;
}

int op_restart(struct context *c, char **arg, size_t count) {
  (void)count;
  struct restart *r = &c->settings.restart;
  int when = find_word(arg[0], strlen(arg[0]));
  if (when < 0) return errno = EINVAL, fail(c, "parse", arg[0]);
  *r = (struct restart){when, number(arg[1]), number(arg[2]), number(arg[3]), number(arg[4])};
  return 0;
}

// The file `restart` overrides the plan's word, as it may change while the container runs.
static int current(struct context *c) {
  char line[32];
  if (read_file(c->settings.state_fd, "restart", line, sizeof line) > 0) {
    int when = find_word(line, strcspn(line, "\n"));
    if (when >= 0) return when;
  }
  return c->settings.restart.when;
}

bool restart_unwanted(struct context *c) {
  return !faccessat(c->settings.state_fd, "stopped", F_OK, 0);
}

int64_t restart_after(struct context *c, unsigned code, uint64_t lived_ms) {
  const struct restart *r = &c->settings.restart;
  char line[64];
  struct text t = {line, sizeof line, 0};
  if (c->settings.state_fd < 0 || !c->settings.on_exit || restart_unwanted(c)) return -1;
  int when = current(c);
  if (when == RESTART_NO || (when == RESTART_FAILURE && !code)) return -1;
  uint64_t wait = lived_ms >= r->steady_ms ? r->steady_delay_ms : r->delay_ms;
  struct timespec now = calendar_now();
  text_number(&t, r->count + 1);
  text_add(&t, " ");
  text_number(&t, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + wait);
  text_add(&t, "\n");
  // On a full disk nothing could say that it waits: it would be taken for ended.
  if (replace_file(c->settings.state_fd, "restarting", line, t.used)) return -1;
  return (int64_t)wait;
}

void restart_forget(struct context *c) {
  unlinkat(c->settings.state_fd, "restarting", 0);
}
