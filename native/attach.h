// The monitor's side of the attach protocol: clients, what is sent to them, what they send.
#pragma once
#include <poll.h>

#include "frame.h"
#include "sandbox.h"

#define CLIENTS_MAX 64
#define CHUNK 65536

struct client {
  int fd;
  uint8_t flags;
  bool first;  // its leaving ends the input (`stdin once`)
  bool finished;  // has all there will ever be; it closes
  struct frame_reader reader;
  uint8_t small[8];  // payload of a control frame
  uint8_t small_used;
  size_t at;  // of server.out: what has been sent
};
struct server {
  struct context *c;
  int listener;
  struct client client[CLIENTS_MAX];
  size_t count;
  uint8_t *out;  // one chunk in its frame; every client takes all of it before the next is read
  size_t out_size, out_used;
  uint8_t *in;  // bytes for the container that it has not taken yet
  size_t in_at, in_used;
};

// Listener in the state directory, or -1 without one; -2 with the failure noted.
int attach_listen(struct context *c);
struct client *attach_add(struct server *s, int fd, uint8_t flags);
// The next that waits to be let in; false: nobody, or there is no room.
bool attach_accept(struct server *s);
// Offers `out` to all; forgets it when all have it.
void attach_send(struct server *s);
bool attach_waiting(const struct server *s);
// Reads what a client sent until there is no more, or the container takes no more input.
void attach_receive(struct server *s, struct client *client);
void attach_input(struct server *s);
// Drops clients that are gone from the list; only between two looks at it.
void attach_sweep(struct server *s);
void attach_drop(struct server *s, struct client *client);
// Gives back buffers that are empty.
void attach_idle(struct server *s);
