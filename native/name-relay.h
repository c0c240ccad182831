// What the parts of the relay share.
#pragma once
#include "name-queue.h"
#include "name.h"

#define NAME_CONNECTIONS 16
#define NAME_SERVER_BYTES (128 * 1024)  // that the server has said and that are no whole frame yet

// A TCP connection of the container's.
struct name_connection {
  int fd;
  uint32_t serial;
  unsigned asked;  // queries without an answer
  bool ended;      // nothing more comes from it
  uint64_t used_ms;
  uint8_t *in, *out;
  size_t in_used, out_at, out_used;
};
struct names {
  size_t size;  // of this mapping, which holds the strings too
  char *id, *socket, **program;
  int epoll, datagram, listener, server;
  int rules;  // the netlink socket that owns the rules, or -1
  struct name_queue queue;
  uint8_t *in;  // of the server
  size_t in_used;
  bool full;     // no query is taken until there is room
  bool waiting;  // for the server to take more
  bool served;   // this server has answered
  uint64_t since_ms, again_ms, start_ms, wait_ms;  // of a server that is not there: since when, next try, next start, wait
  uint64_t quiet_ms;                               // when all that waits is forgotten
  uint32_t serial;
  struct name_connection connection[NAME_CONNECTIONS];
};

#define NAME_ADDRESS 0x7f00000b  // 127.0.0.11

// Numbers of what `epoll` watches.
enum { WATCH_DATAGRAM, WATCH_LISTENER, WATCH_SERVER, WATCH_CONNECTION };
void name_watch(struct names *s, int fd, unsigned number, unsigned events, bool known);

// name-socket.c: both listen on 127.0.0.11 in the namespace of `init`; 0, or -1 with the failure noted.
int name_open(struct context *c, struct names *s, char **arg);
// name-server.c
void name_push(struct context *c, struct names *s);       // sends, over a connection that is made if need be
void name_hear(struct context *c, struct names *s);       // answers
bool name_has_server(const struct names *s);
void name_lose(struct context *c, struct names *s);       // the connection is of no use any more
int name_server_patience(const struct names *s);
// name-tcp.c
void name_accept(struct names *s);
void name_serve(struct names *s, unsigned number, unsigned events);
void name_take(struct names *s);  // messages that waited for room
void name_answer(struct names *s, const struct asker *asker, const uint8_t *message, size_t size);
void name_drop(struct names *s, struct name_connection *connection);
// name-relay.c
void name_deliver(struct names *s, const struct asker *asker, const uint8_t *message, size_t size);
// Queues the message at `name_queue_at`.
void name_add(struct names *s, size_t size, struct asker asker);
// Whether queries stay where they are, in the sockets, as there is no room for them.
void name_hold(struct names *s, bool full);
