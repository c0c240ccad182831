// The attach protocol: u8 type, 3 zero bytes, u32 length (little endian), payload. Pure.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD 8
#define FRAME_MAX (1u << 20)

enum frame_type {
  FRAME_ATTACH = 0, FRAME_STDIN = 1, FRAME_STDIN_END = 2, FRAME_RESIZE = 3, FRAME_SIGNAL = 4, FRAME_NAMES = 5, FRAME_PORTS = 6,
  FRAME_STDOUT = 16, FRAME_STDERR = 17, FRAME_EXIT = 18, FRAME_HELLO = 19, FRAME_REPORT = 20, FRAME_NAMED = 21, FRAME_PORTED = 22,
};
enum { ATTACH_OUTPUT = 1, ATTACH_STDIN = 2 };

struct frame_reader {
  uint8_t head[FRAME_HEAD];
  uint8_t have;     // bytes of the head
  uint8_t type;     // valid once the head is whole
  uint32_t length;  // of the payload
  uint32_t left;    // of the payload
};
struct frame_piece {
  const uint8_t *data;
  size_t size;
  bool head;  // this call ended the head
  bool end;   // this call ended the frame
};

void put_u32(uint8_t *out, uint32_t value);
uint32_t get_u32(const uint8_t *in);
void frame_head(uint8_t out[FRAME_HEAD], uint8_t type, uint32_t length);
// Takes bytes up to the end of the head or of the payload, whichever comes first; returns how many. `piece` is the payload
// among them. A head that breaks the protocol gives (size_t)-1.
size_t frame_take(struct frame_reader *reader, const uint8_t *in, size_t n, struct frame_piece *piece);
// How many bytes can be read without passing that end.
size_t frame_wants(const struct frame_reader *reader);
