// Entries of a log's file in both formats, byte by byte (native/README.md). Knows nothing of when they are written.
#include "log-entry.h"

#include <string.h>
#include <unistd.h>

#include "json.h"

// An entry of the own format: this, the bytes, `size` again.
struct local_head {
  uint32_t size;
  uint8_t flags, mark[3];
  uint64_t nanos;
};
enum { LOCAL_STDERR = 1, LOCAL_ENDED = 2, LOCAL_CONTINUED = 4 };
static const uint8_t local_mark[3] = {'T', 'L', '1'};

bool log_entry_ends(const struct log_file *file) {
  struct local_head head;
  uint32_t size;
  if (!file->size) return true;
  if (file->size < sizeof head + 4 || pread(file->fd, &size, 4, (off_t)file->size - 4) != 4) return false;
  if (size > LOG_LINE || sizeof head + size + 4 > file->size) return false;
  if (pread(file->fd, &head, sizeof head, (off_t)(file->size - 4 - size - sizeof head)) != sizeof head) return false;
  return head.size == size && !memcmp(head.mark, local_mark, 3);
}

char *log_entry_json(char *at, const struct log_line *line, const struct log_stream *s, const char *attributes) {
  memcpy(at, "{\"log\":\"", 8);
  at += 8;
  at += json_escape(at, line->data, line->size);
  if (line->ended) *at++ = '\\', *at++ = 'n';
  memcpy(at, line->stream ? "\",\"stream\":\"stderr\"," : "\",\"stream\":\"stdout\",", 20);
  at += 20;
  if (attributes) at = stpcpy(at, attributes);
  memcpy(at, "\"time\":\"", 8);
  at += 8;
  memcpy(at, s->time, s->time_size);
  at += s->time_size;
  memcpy(at, "\"}\n", 3);
  return at + 3;
}

char *log_entry_local(char *at, const struct log_line *line) {
  uint32_t size = (uint32_t)line->size;
  struct local_head head = {
      .size = size,
      .flags = (uint8_t)((line->stream ? LOCAL_STDERR : 0) | (line->ended ? LOCAL_ENDED : 0) | (line->continued ? LOCAL_CONTINUED : 0)),
      .mark = {local_mark[0], local_mark[1], local_mark[2]},
      .nanos = (uint64_t)line->when.tv_sec * 1000000000 + (uint64_t)line->when.tv_nsec,
  };
  memcpy(at, &head, sizeof head);
  memcpy(at + sizeof head, line->data, size);
  memcpy(at + sizeof head + size, &size, 4);
  return at + sizeof head + size + 4;
}
