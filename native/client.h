// The terminal client: between the user's streams and a monitor's socket.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>

#include "detach.h"

struct client_options {
  bool attach, input, output, tty, keep_input, no_signals;
  bool mute[2];  // what the container writes there is taken and dropped
  struct detach detach;
  int report;  // -1: none
  char **on_failure;
  size_t on_failure_count;
};

// Signals are held from here on, so that none is lost before the container can get it.
void client_hold_signals(const struct client_options *options);
// Relays until the container has ended, the client is detached or, without `attach`, the start is decided. Exits.
noreturn void client_run(const struct client_options *options, int data, int control);
