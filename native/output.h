// What the container writes, on its way to its log and its clients.
#pragma once
#include "attach.h"
#include "pace.h"

struct output {
  struct context *c;
  struct server *s;
  struct pace pace[2];  // of standard output and error
  bool hung_up;         // the terminal had no open side when it was read last
};

// Nothing is read now: clients or log have not taken what was.
bool output_full(const struct output *o);
// One chunk of the stream `number` (0 standard output or terminal, 1 standard error) to log and clients; at its end *fd is closed and -1.
// False when it was not its time.
bool output_relay(struct output *o, int *fd, int number);
// Init has ended: all that is still in the streams, which are closed.
void output_drain(struct output *o);
// Behind all that, for every client: how it ended.
void output_exit(struct output *o, unsigned code, unsigned signal);
