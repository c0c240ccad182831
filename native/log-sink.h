// The way to a log server: a queue of messages and a socket that is never waited for.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "log-format.h"

#define SINK_PROGRAM 16384

// What the plan says of a server.
struct sink_choice {
  struct sockaddr_storage address;
  socklen_t address_size;
  int type;         // SOCK_STREAM or SOCK_DGRAM
  uint64_t limit;   // bytes of messages that may wait
  bool drop;        // a message beyond that is lost, instead of making the container wait
  bool late;        // connected when there is something to send
  bool chunked;     // large datagrams in GELF's pieces
  uint64_t tries;   // connections in a row that may fail before what waits is given up (0: all)
  uint64_t wait_ms;  // between them
};

struct sink {
  struct sink_choice choice;
  struct log_zone zone;
  uint8_t program[SINK_PROGRAM];
  size_t program_used;
  int fd;           // -1: not connected
  bool connecting;
  uint64_t failed, again_ms;  // connections that failed in a row, when the next is due
  uint8_t *queue;   // messages: u32 length, bytes
  size_t size, head, used, waiting;  // `head` to `used` waits; `waiting`: its bytes without lengths
  size_t sent;      // of the first message: bytes (stream) or pieces (chunked)
};

// Connects, waiting at most some seconds; -1 with errno.
int sink_connect(struct sink *sink);
// One message behind the others, or none when it has to be dropped.
void sink_add(struct sink *sink, const struct log_line *line);
bool sink_is_full(const struct sink *sink);
// Sends what goes without waiting, connects again when that is due.
void sink_push(struct sink *sink);
// What to poll for; -1: nothing.
int sink_poll(const struct sink *sink, short *events);
// Milliseconds until `sink_push` has something to do by itself; -1: no time is set.
int sink_patience(const struct sink *sink);
void sink_idle(struct sink *sink);
uint64_t sink_now_ms(void);
