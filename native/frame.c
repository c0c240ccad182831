// Frames of the attach protocol, taken from a byte stream cut anywhere. Knows nothing of sockets.
#include "frame.h"

#include <string.h>

void put_u32(uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> 8 * i);
}

uint32_t get_u32(const uint8_t *in) {
  return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

void frame_head(uint8_t out[FRAME_HEAD], uint8_t type, uint32_t length) {
  memset(out, 0, 4);
  out[0] = type;
  put_u32(out + 4, length);
}

size_t frame_wants(const struct frame_reader *reader) {
  return reader->have < FRAME_HEAD ? (size_t)(FRAME_HEAD - reader->have) : reader->left;
}

size_t frame_take(struct frame_reader *reader, const uint8_t *in, size_t n, struct frame_piece *piece) {
  *piece = (struct frame_piece){0};
  size_t wanted = frame_wants(reader);
  if (n > wanted) n = wanted;
  if (reader->have < FRAME_HEAD) {
    memcpy(reader->head + reader->have, in, n);
    reader->have = (uint8_t)(reader->have + n);
    if (reader->have < FRAME_HEAD) return n;
    reader->type = reader->head[0];
    reader->length = reader->left = get_u32(reader->head + 4);
    if (reader->head[1] || reader->head[2] || reader->head[3] || reader->length > FRAME_MAX) return (size_t)-1;
    piece->head = true;
  } else {
    piece->data = in;
    piece->size = n;
    reader->left -= (uint32_t)n;
  }
  if (!reader->left) {
    piece->end = true;
    reader->have = 0;
  }
  return n;
}
