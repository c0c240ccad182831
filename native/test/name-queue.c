// The queue for the name server: who waits, what is sent again, what is given up when there is no room.
#include "name-queue.h"

#include "expect.h"
#include "frame.h"

static struct asker from(uint16_t port) {
  return (struct asker){.address = 1, .port = port};
}

// A query of `size` bytes that begins with the port it comes from.
static struct asker ask(struct name_queue *q, uint16_t port, size_t size) {
  EXPECT(name_queue_room(q, size));
  uint8_t *at = name_queue_at(q);
  memset(at, 0, size);
  memcpy(at, &port, 2);
  return name_queue_add(q, size, from(port));
}

static size_t left(const struct name_queue *q, uint16_t *first) {
  struct asker asker;
  uint8_t *message;
  size_t at = 0, size, count = 0;
  while (name_queue_next(q, &at, &asker, &message, &size)) {
    EXPECT(!memcmp(message, &asker.port, 2));
    if (!count++ && first) *first = asker.port;
  }
  return count;
}

static void questions(void) {
  uint8_t message[13] = {0, 1, 0x01};
  EXPECT(name_is_query(message, 13));
  EXPECT(!name_is_query(message, 11));
  name_refuse(message);
  EXPECT(message[2] == 0x81 && message[3] == 0x82);
  EXPECT(!name_is_query(message, 13));
}

static void answers(void) {
  struct name_queue q = {0};
  struct asker asker;
  EXPECT(!name_queue_unsent(&q));
  EXPECT(!name_queue_answer(&q, 1, &asker));
  ask(&q, 7, 20);
  ask(&q, 8, 30);
  EXPECT(name_queue_unsent(&q) && q.used == 2 * NAME_HEAD + 50 && q.waiting == 2);
  EXPECT(get_u32(q.data) == NAME_HEAD - 4 + 20 && get_u32(q.data + 4) == 1 && get_u32(q.data + 8) == 0);
  q.sent = q.used;
  EXPECT(!name_queue_unsent(&q));
  EXPECT(!name_queue_answer(&q, 0, &asker) && !name_queue_answer(&q, 3, &asker) && !name_queue_answer(&q, NAME_WAITING + 1, &asker));
  EXPECT(name_queue_answer(&q, 2, &asker) && asker.port == 8);
  EXPECT(!name_queue_answer(&q, 2, &asker));
  // The first one is sent again to another server, the second is not.
  name_queue_again(&q);
  EXPECT(left(&q, NULL) == 1 && name_queue_unsent(&q) && q.used == NAME_HEAD + 20);
  q.sent = q.used;
  EXPECT(name_queue_answer(&q, 1, &asker) && asker.port == 7);
  EXPECT(!q.used && !q.waiting);
  name_queue_clear(&q);
  EXPECT(!q.data && !q.asker);
}

static void half_a_frame(void) {
  struct name_queue q = {0};
  struct asker asker;
  ask(&q, 1, 8000);
  ask(&q, 2, 100);
  ask(&q, 3, 100);
  // One is gone, half of the second: its rest goes as it is, whoever waits for it.
  q.sent = NAME_HEAD + 8000 + 50;
  EXPECT(name_queue_answer(&q, 1, &asker) && name_queue_answer(&q, 2, &asker));
  for (uint16_t port = 4; q.used + NAME_HEAD + 4096 <= NAME_QUEUE_BYTES; port++) ask(&q, port, 4096);
  size_t waiting = q.waiting;
  ask(&q, 100, 4096);
  EXPECT(q.sent == 50 && get_u32(q.data + 4) == 2 && q.waiting == waiting + 1);
  // What has not been sent takes all the room: nothing more fits, nothing is lost.
  while (name_queue_room(&q, 4096)) ask(&q, 101, 4096);
  EXPECT(!name_queue_room(&q, 4096) && left(&q, NULL) == q.waiting);
  // Once it has been sent there is room.
  q.sent = q.used;
  EXPECT(name_queue_room(&q, NAME_MESSAGE) && !q.sent);
  name_queue_clear(&q);
}

static void too_many(void) {
  struct name_queue q = {0};
  struct asker asker;
  uint16_t first = 0;
  for (uint16_t port = 1; port <= NAME_WAITING; port++) EXPECT(!ask(&q, port, 12).tag);
  EXPECT(ask(&q, 2000, 12).port == 1 && ask(&q, 2001, 12).port == 2);
  EXPECT(q.waiting == NAME_WAITING && left(&q, &first) == NAME_WAITING && first == 3);
  EXPECT(!name_queue_answer(&q, 1, &asker) && name_queue_answer(&q, NAME_WAITING + 1, &asker) && asker.port == 2000);
  name_queue_again(&q);
  EXPECT(left(&q, NULL) == NAME_WAITING - 1);
  // Tags begin anew after the last one, without 0.
  q.tag = UINT32_MAX - 1;
  ask(&q, 5, 12);
  ask(&q, 6, 12);
  EXPECT(q.tag == 1 && name_queue_answer(&q, UINT32_MAX, &asker) && asker.port == 5);
  name_queue_clear(&q);
}

int main(void) {
  questions();
  answers();
  half_a_frame();
  too_many();
  return done();
}
