// Init's words with its creator, beyond what it says to any monitor.
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "creator.h"
#include "init.h"
#include "operation.h"
#include "sys.h"

int op_meet(struct context *c, char **arg, size_t count) {
  if (!c->in_init) return 0;
  op_barrier(c, arg, count);
  if (channel_send(c->channel, CHANNEL_MEET, NULL, 0)) _exit(1);
  init_wait(c, CHANNEL_MET);
  return 0;
}

void creation_let_go(struct context *c) {
  static const char word[] = "exec\n";
  if (!c->creation.released) {
    if (channel_write(c->channel, CHANNEL_EXEC)) _exit(1);
  } else if (write(c->report_fd, word, sizeof word - 1) < 0) {
    return;  // who has started it is gone
  }
}
