// Lines into messages: each piece is a condition, a kind and literal bytes. Knows no protocol. Pure.
#include "log-format.h"

#include <string.h>
#include <unistd.h>

#include "json.h"
#include "text.h"

#define HEAD 4         // condition, kind, length of the literal
#define PIECE_MAX 128  // what a piece without the line may take

static const char conditions[] = "*oewpml", kinds[] = "xktrmnfuvljbedoOi";

bool format_add(uint8_t *program, size_t size, size_t *used, const char *piece) {
  size_t n = 0;
  if (!piece[0] || !piece[1] || !strchr(conditions, piece[0]) || !strchr(kinds, piece[1])) return false;
  if (piece[1] != 'x' && piece[2]) return false;
  if (*used + HEAD > size) return false;
  uint8_t *at = program + *used;
  if (piece[1] == 'x' && !parse_bytes(piece + 2, at + HEAD, size - *used - HEAD, &n)) return false;
  if (n > 0xffff) return false;
  at[0] = (uint8_t)piece[0];
  at[1] = (uint8_t)piece[1];
  at[2] = (uint8_t)(n & 0xff);
  at[3] = (uint8_t)(n >> 8);
  *used += HEAD + n;
  return true;
}

// *: always, o: stdout, e: stderr, w: a whole line, p: a piece, m: a piece that is not the last, l: the last one.
static bool holds(uint8_t condition, const struct log_line *line) {
  bool piece = line->continued || !line->ended;
  switch (condition) {
    case 'o': return !line->stream;
    case 'e': return line->stream;
    case 'w': return !piece;
    case 'p': return piece;
    case 'm': return piece && !line->ended;
    case 'l': return piece && line->ended;
    default: return true;
  }
}

size_t format_bound(const uint8_t *program, size_t used, const struct log_line *line) {
  size_t bound = PIECE_MAX;
  for (size_t i = 0; i < used;) {
    size_t n = program[i + 2] | (size_t)program[i + 3] << 8;
    bound += n + PIECE_MAX;
    if (program[i + 1] == 'j') bound += 6 * line->size;
    if (strchr("lbe", program[i + 1])) bound += line->size;
    i += HEAD + n;
  }
  return bound;
}

static char *decimal(char *out, uint64_t value, unsigned width) {
  char digit[24];
  unsigned n = 0;
  do digit[n++] = (char)('0' + value % 10);
  while (value /= 10);
  while (n < width) digit[n++] = '0';
  while (n) *out++ = digit[--n];
  return out;
}

static char *number_bytes(char *out, uint64_t value, unsigned count, bool big) {
  for (unsigned i = 0; i < count; i++) out[i] = (char)(value >> 8 * (big ? count - 1 - i : i));
  return out + count;
}

static int64_t offset_at(const struct log_zone *zone, time_t when) {
  int64_t offset = 0;
  for (size_t i = 0; i < zone->count && (!i || zone->from[i] <= when); i++) offset = zone->offset[i];
  return offset;
}

// The date as "2026-01-02T03:04:05" of the local time.
static void local_date(char out[64], const struct log_zone *zone, time_t when, int64_t *offset) {
  *offset = offset_at(zone, when);
  json_time(out, (struct timespec){.tv_sec = when + *offset});
}

static char *add_text(char *out, const char *text, size_t n) {
  memcpy(out, text, n);
  return out + n;
}

// RFC 3339 of the local time, with microseconds or none.
static char *zoned(char *out, const struct log_zone *zone, struct timespec when, bool micro) {
  char date[64];
  int64_t offset;
  local_date(date, zone, when.tv_sec, &offset);
  out = add_text(out, date, 19);
  if (micro) {
    *out++ = '.';
    out = decimal(out, (uint64_t)when.tv_nsec / 1000, 6);
  }
  if (!offset) return *out = 'Z', out + 1;
  *out++ = offset < 0 ? '-' : '+';
  uint64_t minutes = (uint64_t)(offset < 0 ? -offset : offset) / 60;
  out = decimal(out, minutes / 60, 2);
  *out++ = ':';
  return decimal(out, minutes % 60, 2);
}

// "Jan _2 15:04:05"
static char *stamp(char *out, const struct log_zone *zone, time_t when) {
  static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char date[64];
  int64_t offset;
  local_date(date, zone, when, &offset);
  out = add_text(out, month + 3 * ((date[5] - '0') * 10 + date[6] - '1'), 3);
  *out++ = ' ';
  *out++ = date[8] == '0' ? ' ' : date[8];
  *out++ = date[9];
  *out++ = ' ';
  return add_text(out, date + 11, 8);
}

static char *add_line(char *out, uint8_t kind, const struct log_line *line) {
  if (kind == 'j') return out + json_escape(out, line->data, line->size);
  if (kind == 'b') out = number_bytes(out, line->size, 4, true);
  if (kind == 'e') out = number_bytes(out, line->size, 8, false);
  return add_text(out, (const char *)line->data, line->size);
}

static char *ordinal_string(char *out, unsigned ordinal) {
  char *end = decimal(out + 1, ordinal, 1);
  *out = (char)(0xa0 | (end - out - 1));
  return end;
}

static char *add_piece(char *out, uint8_t kind, const struct log_line *line, const struct log_zone *zone) {
  switch (kind) {
    case 't': return stamp(out, zone, line->when.tv_sec);
    case 'r': return zoned(out, zone, line->when, false);
    case 'm': return zoned(out, zone, line->when, true);
    case 'n': return out + json_time(out, line->when);
    case 'f':
      out = decimal(out, (uint64_t)line->when.tv_sec, 1);
      *out++ = '.';
      return decimal(out, (uint64_t)line->when.tv_nsec / 1000000, 3);
    case 'u': return number_bytes(out, (uint64_t)line->when.tv_sec, 4, true);
    case 'v': return number_bytes(out, (uint64_t)line->when.tv_nsec, 4, true);
    case 'd': return decimal(out, (uint64_t)getpid(), 1);
    case 'o': return decimal(out, line->ordinal, 1);
    case 'O': return ordinal_string(out, line->ordinal);
    case 'i': return add_text(out, line->id, LOG_ID);
    default: return add_line(out, kind, line);
  }
}

size_t format_render(uint8_t *out, const uint8_t *program, size_t used, const struct log_line *line, const struct log_zone *zone) {
  char *at = (char *)out;
  for (size_t i = 0; i < used;) {
    size_t n = program[i + 2] | (size_t)program[i + 3] << 8;
    bool wanted = holds(program[i], line);
    if (program[i + 1] == 'k' && wanted && !line->size) return 0;
    if (wanted && program[i + 1] == 'x') at = add_text(at, (const char *)program + i + HEAD, n);
    else if (wanted && program[i + 1] != 'k') at = add_piece(at, program[i + 1], line, zone);
    i += HEAD + n;
  }
  return (size_t)(at - (char *)out);
}
