// Frames cut at every place, and heads that break the protocol.
#include "frame.h"

#include "expect.h"

struct seen {
  uint8_t type[8];
  uint32_t length[8];
  char payload[64];
  size_t frames, used;
};

static void feed(struct frame_reader *reader, struct seen *seen, const uint8_t *in, size_t n) {
  while (n) {
    struct frame_piece piece;
    EXPECT(frame_wants(reader) > 0);
    size_t taken = frame_take(reader, in, n, &piece);
    EXPECT(taken > 0 && taken <= n);
    if (piece.size) memcpy(seen->payload + seen->used, piece.data, piece.size);
    seen->used += piece.size;
    if (piece.end) {
      seen->type[seen->frames] = reader->type;
      seen->length[seen->frames++] = reader->length;
    }
    in += taken;
    n -= taken;
  }
}

static void cut_anywhere(void) {
  uint8_t stream[64];
  frame_head(stream, FRAME_STDOUT, 5);
  memcpy(stream + 8, "hello", 5);
  frame_head(stream + 13, FRAME_STDIN_END, 0);
  frame_head(stream + 21, FRAME_EXIT, 8);
  put_u32(stream + 29, 137);
  put_u32(stream + 33, 9);
  for (size_t first = 0; first <= 37; first++)
    for (size_t second = first; second <= 37; second++) {
      struct frame_reader reader = {0};
      struct seen seen = {0};
      feed(&reader, &seen, stream, first);
      feed(&reader, &seen, stream + first, second - first);
      feed(&reader, &seen, stream + second, 37 - second);
      EXPECT(seen.frames == 3 && seen.used == 13);
      EXPECT(seen.type[0] == FRAME_STDOUT && seen.type[1] == FRAME_STDIN_END && seen.type[2] == FRAME_EXIT);
      EXPECT(seen.length[0] == 5 && seen.length[1] == 0 && seen.length[2] == 8);
      EXPECT(!memcmp(seen.payload, "hello", 5));
      EXPECT(get_u32((uint8_t *)seen.payload + 5) == 137 && get_u32((uint8_t *)seen.payload + 9) == 9);
    }
}

static void refuses(const uint8_t head[8]) {
  struct frame_reader reader = {0};
  struct frame_piece piece;
  EXPECT(frame_take(&reader, head, 8, &piece) == (size_t)-1);
}

int main(void) {
  uint8_t head[8];
  cut_anywhere();
  frame_head(head, FRAME_STDIN, FRAME_MAX + 1);
  refuses(head);
  frame_head(head, FRAME_STDIN, UINT32_MAX);
  refuses(head);
  for (int i = 1; i < 4; i++) {
    frame_head(head, FRAME_STDIN, 1);
    head[i] = 1;
    refuses(head);
  }
  frame_head(head, FRAME_STDIN, FRAME_MAX);
  struct frame_reader reader = {0};
  struct frame_piece piece;
  EXPECT(frame_take(&reader, head, 8, &piece) == 8 && piece.head && !piece.end && frame_wants(&reader) == FRAME_MAX);
  return done();
}
