// What the parts of the relay of published ports share.
#pragma once
#include "port-table.h"
#include "port.h"

#define PORT_CONNECTIONS 1024       // by TCP at a time: further ones wait in the listener's backlog
#define PORT_FLOWS 1024             // clients by UDP: one more pushes out who was silent for longest
#define PORT_SCRATCH (128 * 1024)   // bytes on their way at once; what does not fit waits in its socket

// A connection: side 0 is the client's, side 1 the container's.
struct port_connection {
  int fd[2];
  uint16_t events[2];  // that are watched; PORT_UNWATCHED: none, not even its end
  bool connecting;     // the container has not answered yet
  bool ended[2];       // nothing more comes from it, and the other has been told
  bool stuck[2];       // what comes from it waits until the other takes more
  bool hung[2];        // closed in both directions
  uint16_t next_free;
};
#define PORT_UNWATCHED 0xffff

// A client by UDP. `next`: in its row of `rows`, as number + 1.
struct port_flow {
  int fd;  // connected to the container's port
  struct sockaddr_in6 client;
  uint64_t used_ms;
  bool answered;
  uint16_t next;
};
struct port_flows {
  uint16_t row[PORT_FLOWS];
  struct port_flow flow[PORT_FLOWS];
};

struct ports {
  size_t size;                 // of this mapping
  struct sockaddr_in6 own;     // where it listens
  struct sockaddr_in target;   // the container, without a port
  char *remove;                // netlink message that takes the address back
  int epoll, listener, datagram, tracking;
  bool held;                   // no connection is accepted until one has ended,
  uint64_t again_ms;           // or it is that time (0: none)
  uint64_t sweep_ms;           // when silent clients by UDP are looked for
  uint8_t *scratch;
  struct port_connection *connection;
  unsigned connections, first_free, unused, most;  // in use; number + 1 of one that was; those that never were begin there; bound
  struct port_flows *flows;
  unsigned flow_count;
  size_t run_count;
  struct port_run run[];
};

// Numbers of what `epoll` watches.
enum { PORT_LISTENER, PORT_DATAGRAM, PORT_FIRST, PORT_FIRST_FLOW = PORT_FIRST + 2 * PORT_CONNECTIONS };
void port_watch(struct ports *p, int fd, unsigned number, unsigned events, int operation);
// The buffer; NULL when there is no memory.
uint8_t *port_scratch(struct ports *p);
// The container's port for what was asked of the host, 0: none is published there.
uint16_t port_target(const struct ports *p, uint8_t protocol, const struct sockaddr_in6 *asked);

// port-tcp.c
void port_accept(struct ports *p);
void port_serve(struct ports *p, unsigned number, unsigned events);
void port_drop_all(struct ports *p);
// Passes on what the container has sent last, as far as it is taken; its connections end.
void port_last(struct ports *p);
// port-udp.c
void port_hear(struct ports *p);
void port_return(struct ports *p, unsigned number);
void port_sweep(struct ports *p);
void port_forget_all(struct ports *p);
