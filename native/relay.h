// Bytes between the user's streams and the monitor's frames, without ever blocking.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "client.h"
#include "frame.h"
#include "text.h"

#define RELAY_CHUNK 65536

struct relay {
  const struct client_options *options;
  int data, control, signals;
  int in_fd, out_fd[2];
  bool begun, begin_now, stdin_open;
  struct detach detach;
  struct frame_reader reader;
  uint8_t *in;  // from the monitor
  size_t in_at, in_used;
  struct frame_piece pending;  // output the user's stream has not taken yet
  int pending_number;
  uint8_t *typed;  // frames for the monitor
  size_t typed_at, typed_used;
  bool detached;  // nothing but what is typed is left to send
  uint8_t small[8];
  size_t small_used;
  struct text line, report;
};

// Another descriptor of the same pipe or terminal that does not block, or `fd` itself where there is none.
int relay_reopen(int fd, int flags);
void relay_open(struct relay *r, const struct client_options *options, int data, int control);
void relay_receive(struct relay *r);  // frames of the monitor
void relay_output(struct relay *r);   // pending output
void relay_type(struct relay *r);     // the user's input
void relay_input(struct relay *r);    // pending frames for the monitor
// Restores the terminal and exits.
noreturn void relay_leave(int code);
