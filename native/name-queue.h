// Queries of a container on their way to the name server: what is to be sent, who waits for which answer. Bounded; no sockets.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_HEAD 12             // u32 length of the rest, u32 tag, u8 flags, 3 zero bytes
#define NAME_MESSAGE 65535       // the longest DNS message
#define NAME_WAITING 1024        // askers that are remembered
#define NAME_QUEUE_BYTES 131072  // of frames

enum { NAME_TCP = 0x01, NAME_IGNORED = 0x40, NAME_HELLO = 0x80 };

// Who asked. `connection` 0: a datagram from this address and port (in network order); otherwise the number of a connection, `serial` says which
// of those that had the number.
struct asker {
  uint32_t tag, address, serial;
  uint16_t port, connection;
};
struct name_queue {
  uint8_t *data;  // frames; those that have been sent stay as long as there is room, for a server that dies
  size_t sent, used;
  struct asker *asker;  // by tag
  uint32_t tag, waiting;
};

// A DNS message that asks something.
bool name_is_query(const uint8_t *message, size_t size);
// Makes SERVFAIL of a query, in place.
void name_refuse(uint8_t *message);

// Room for a message of `size` bytes at `name_queue_at`. False: what has not been sent takes it all.
bool name_queue_room(struct name_queue *q, size_t size);
uint8_t *name_queue_at(const struct name_queue *q);
// The message written there is to be sent. When there are too many askers the oldest is forgotten, and returned (tag 0: none is).
struct asker name_queue_add(struct name_queue *q, size_t size, struct asker asker);
// Who asked what the answer `tag` is for; then nobody waits for it any more.
bool name_queue_answer(struct name_queue *q, uint32_t tag, struct asker *asker);
// Everything nobody has an answer to is to be sent anew.
void name_queue_again(struct name_queue *q);
// The queries that somebody waits for, one after the other from `*at` = 0 on.
bool name_queue_next(const struct name_queue *q, size_t *at, struct asker *asker, uint8_t **message, size_t *size);
bool name_queue_unsent(const struct name_queue *q);
// Nobody waits; memory is given back.
void name_queue_clear(struct name_queue *q);
