// What the monitor does from the container's end on, and how far it is with that.
#pragma once
#include "health.h"
#include "output.h"
#include "record.h"

struct ending {
  struct context *c;
  struct output *output;
  struct probing *probing;
  uint64_t started_ms;
  bool ended;           // init has: all that follows is possible from here on
  uint64_t restart_ms;  // it sleeps until then, between two runs (0: it does not)
  int owner_fd;         // of the process that cleans up, while there is one (-1)
  struct owner owner;
  bool over;        // nobody is waited for but clients, the log server and the heir
  bool going_down;  // this process was asked to end while the container ran: the machine goes down
  bool restarts;    // who is called in the end starts the next run,
  pid_t heir;       // as this process, which stays until that is done
};

// A child of the monitor has ended.
void ending_reaped(struct ending *e, pid_t pid, int status);
// The machine goes down: the container is asked to end, the monitor stays to record it.
void ending_ask(struct ending *e);
// The end of the sleep between two runs.
void ending_wake(struct ending *e);
void ending_owner_gone(struct ending *e);
// After each look at what is ready, once it has ended. Does not return when nothing is left to do.
void ending_finish(struct ending *e);
// Clients that have everything and do not leave.
void ending_drop_clients(struct ending *e);
