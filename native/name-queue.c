// The queue of queries for the name server. Tags count up, so that the table of askers is a ring: a query pushes out the one that has waited
// for 1,024 others.
#include "name-queue.h"

#include <string.h>

#include "frame.h"
#include "io.h"

#define MESSAGE_HEAD 12  // of a DNS message, RFC 1035 4.1.1

bool name_is_query(const uint8_t *message, size_t size) {
  return size >= MESSAGE_HEAD && size <= NAME_MESSAGE && !(message[2] & 0x80);
}

void name_refuse(uint8_t *message) {
  message[2] = (uint8_t)((message[2] | 0x80) & ~0x06);  // QR; neither AA nor TC
  message[3] = 0x80 | 2;                                // RA; SERVFAIL
}

static struct asker *find(const struct name_queue *q, uint32_t tag) {
  struct asker *asker = q->asker ? &q->asker[tag % NAME_WAITING] : NULL;
  return asker && tag && asker->tag == tag ? asker : NULL;
}

static size_t frame_size(const uint8_t *frame) {
  return 4 + (size_t)get_u32(frame);
}

// Drops frames nobody waits for, and with `all` every one that has been sent.
static void compact(struct name_queue *q, bool all) {
  size_t to = 0, sent = 0, size;
  for (size_t from = 0; from < q->used; from += size) {
    uint8_t *frame = q->data + from;
    size = frame_size(frame);
    bool begun = from < q->sent, whole = from + size <= q->sent;
    if (!(begun && !whole) && ((whole && all) || !find(q, get_u32(frame + 4)))) continue;
    memmove(q->data + to, frame, size);
    if (begun) sent = whole ? to + size : to + (q->sent - from);
    to += size;
  }
  q->used = to;
  q->sent = sent;
}

static bool fits(const struct name_queue *q, size_t size) {
  return q->used + NAME_HEAD + size <= NAME_QUEUE_BYTES;
}

bool name_queue_room(struct name_queue *q, size_t size) {
  if (!q->data && !(q->data = map_memory(NAME_QUEUE_BYTES))) return false;
  if (!q->asker && !(q->asker = map_memory(NAME_WAITING * sizeof *q->asker))) return false;
  if (!fits(q, size)) compact(q, false);
  if (!fits(q, size)) compact(q, true);
  return fits(q, size);
}

uint8_t *name_queue_at(const struct name_queue *q) {
  return q->data + q->used + NAME_HEAD;
}

struct asker name_queue_add(struct name_queue *q, size_t size, struct asker asker) {
  uint8_t *frame = q->data + q->used;
  if (!++q->tag) q->tag = 1;
  struct asker *place = &q->asker[q->tag % NAME_WAITING];
  struct asker forgotten = *place;
  if (!forgotten.tag) q->waiting++;
  asker.tag = q->tag;
  *place = asker;
  put_u32(frame, (uint32_t)(NAME_HEAD - 4 + size));
  put_u32(frame + 4, q->tag);
  put_u32(frame + 8, asker.connection ? NAME_TCP : 0);
  q->used += NAME_HEAD + size;
  return forgotten;
}

bool name_queue_answer(struct name_queue *q, uint32_t tag, struct asker *asker) {
  struct asker *found = find(q, tag);
  if (!found) return false;
  *asker = *found;
  *found = (struct asker){0};
  q->waiting--;
  if (!q->waiting && q->sent == q->used) q->sent = q->used = 0;
  return true;
}

void name_queue_again(struct name_queue *q) {
  q->sent = 0;
  compact(q, false);
}

bool name_queue_next(const struct name_queue *q, size_t *at, struct asker *asker, uint8_t **message, size_t *size) {
  while (*at < q->used) {
    uint8_t *frame = q->data + *at;
    const struct asker *found = find(q, get_u32(frame + 4));
    *at += frame_size(frame);
    if (!found) continue;
    *asker = *found;
    *message = frame + NAME_HEAD;
    *size = frame_size(frame) - NAME_HEAD;
    return true;
  }
  return false;
}

bool name_queue_unsent(const struct name_queue *q) {
  return q->sent < q->used;
}

void name_queue_clear(struct name_queue *q) {
  if (q->data) unmap_memory(q->data, NAME_QUEUE_BYTES);
  if (q->asker) unmap_memory(q->asker, NAME_WAITING * sizeof *q->asker);
  *q = (struct name_queue){.tag = q->tag};
}
