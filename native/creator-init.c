// Init's words with its creator, beyond what it says to any monitor.
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

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
  prctl(PR_SET_PDEATHSIG, 0);
  if (c->creation.released) send(c->report_fd, word, sizeof word - 1, MSG_NOSIGNAL);
  else if (channel_send(c->channel, CHANNEL_EXEC, NULL, 0)) _exit(1);
}
