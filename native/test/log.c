// The log writer against expected lines: splitting, streams, rotation, a disk that is full.
#include "log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

static struct log writer;
static char content[1 << 20];

static void write_text(int stream, const char *text, size_t n) {
  log_write(&writer, stream, (const uint8_t *)text, n);
}
#define WRITE(stream, text) write_text(stream, text, sizeof(text) - 1)

static size_t slurp(const char *name) {
  int fd = open(name, O_RDONLY);
  ssize_t n = fd < 0 ? 0 : read(fd, content, sizeof content - 1);
  if (fd >= 0) close(fd);
  content[n] = 0;
  return (size_t)n;
}

// The lines of a log without their times: `o` or `e` for the stream, then the text as it stands in the file.
static void expect_lines(const char *name, const char *wanted) {
  char got[65536];
  size_t used = 0;
  slurp(name);
  for (char *line = strtok(content, "\n"); line; line = strtok(NULL, "\n")) {
    char *text = strstr(line, "{\"log\":\""), *end = strstr(line, "\",\"stream\":\"std");
    EXPECT(text == line && end);
    char *time = strstr(end, "\",\"time\":\"20");
    EXPECT(time && !strcmp(line + strlen(line) - 3, "Z\"}"));
    used += (size_t)snprintf(got + used, sizeof got - used, "%c %.*s\n", end[15], (int)(end - text - 8), text + 8);
  }
  got[used] = 0;
  if (strcmp(got, wanted)) printf("wanted:\n%s\ngot:\n%s\n", wanted, got);
  EXPECT(!strcmp(got, wanted));
}

static void open_log(const char *name, uint64_t max, unsigned files) {
  unlink(name);
  writer = (struct log){.file.fd = -1};
  EXPECT(!log_open(&writer, LOG_JSON, AT_FDCWD, name, max, files));
}

static void close_log(void) {
  log_end(&writer);
  log_idle(&writer);
  close(writer.file.fd);
}

static void lines(void) {
  open_log("lines", 0, 1);
  WRITE(0, "one\ntwo\n");
  WRITE(0, "begin");
  WRITE(1, "other\nrest");
  log_idle(&writer);
  WRITE(0, "");
  WRITE(0, " end\n\n");
  WRITE(1, " of it\n");
  WRITE(0, "no end");
  close_log();
  expect_lines("lines", "o one\\n\no two\\n\ne other\\n\no begin end\\n\no \\n\ne rest of it\\n\no no end\n");
}

// Lines at the 16 KiB border, in one chunk and byte by byte.
static void long_lines(size_t step) {
  static char text[3 * LOG_LINE];
  open_log("long", 0, 1);
  const size_t lengths[] = {LOG_LINE - 1, LOG_LINE, LOG_LINE + 1, 2 * LOG_LINE};
  const unsigned records[] = {1, 2, 2, 3};
  for (int i = 0; i < 4; i++) {
    memset(text, 'a' + i, lengths[i]);
    text[lengths[i]] = '\n';
    for (size_t at = 0; at <= lengths[i]; at += step) write_text(0, text + at, at + step > lengths[i] ? lengths[i] + 1 - at : step);
  }
  close_log();
  slurp("long");
  char *line = content;
  for (int i = 0; i < 4; i++) {
    size_t left = lengths[i];
    char first_time[40] = "";
    for (unsigned record = 0; record < records[i]; record++) {
      size_t part = left < LOG_LINE ? left : LOG_LINE;
      bool last = record + 1 == records[i];
      EXPECT(!memcmp(line, "{\"log\":\"", 8) && strspn(line + 8, (char[]){(char)('a' + i), 0}) == part);
      EXPECT(!memcmp(line + 8 + part, last ? "\\n\",\"" : "\",\"str", 5));
      char *time = strstr(line, "\"time\":");
      if (!record) memcpy(first_time, time, 30);
      EXPECT(!memcmp(first_time, time, 30));
      left -= part;
      line = strchr(line, '\n') + 1;
    }
  }
  EXPECT(!*line);
}

static void rotation(void) {
  struct stat s;
  const char *names[] = {"turn", "turn.1", "turn.2", "turn.3"};
  for (int i = 0; i < 4; i++) unlink(names[i]);
  open_log("turn", 1000, 3);
  for (int i = 0; i < 100; i++) WRITE(0, "a line of thirty-one characters\n");
  close_log();
  for (int i = 0; i < 3; i++) {
    EXPECT(!stat(names[i], &s) && s.st_size <= 1000 && s.st_size > 0);
    size_t n = slurp(names[i]);
    EXPECT(content[n - 1] == '\n' && !memcmp(content, "{\"log\":\"a line", 14));
  }
  EXPECT(stat("turn.3", &s));
  // A line longer than the limit has a file of its own.
  open_log("turn", 50, 1);
  WRITE(0, "a line of thirty-one characters\nthe second\n");
  close_log();
  expect_lines("turn", "o the second\\n\n");
}

// A file size limit stands for a full disk: writes end early or fail. What is in the file stays whole lines.
static void full_disk(void) {
  struct rlimit before, limit;
  signal(SIGXFSZ, SIG_IGN);
  EXPECT(!getrlimit(RLIMIT_FSIZE, &before));
  limit = before;
  limit.rlim_cur = 300;
  open_log("full", 0, 1);
  EXPECT(!setrlimit(RLIMIT_FSIZE, &limit));
  WRITE(0, "first\n");
  WRITE(0, "this one is so long that it does not fit into the file any more, whatever its time, not at all, not by far, far, "
           "far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far, far\n");
  WRITE(0, "second\n");
  EXPECT(!setrlimit(RLIMIT_FSIZE, &before));
  WRITE(0, "third\n");
  close_log();
  expect_lines("full", "o first\\n\no second\\n\no third\\n\n");
}

static void many_short_lines(void) {
  static char text[65536];
  memset(text, '\n', sizeof text);
  open_log("many", 0, 1);
  write_text(0, text, sizeof text);
  close_log();
  struct stat s;
  EXPECT(!stat("many", &s) && s.st_size > 65536 * 60);
}

// The own format: bytes as they are, and a torn end is put aside.
static void local(void) {
  unlink("local");
  unlink("local.1");
  writer = (struct log){.file.fd = -1};
  EXPECT(!log_open(&writer, LOG_LOCAL, AT_FDCWD, "local", 0, 3));
  WRITE(0, "\0\xff\n\n");
  WRITE(1, "open");
  close_log();
  EXPECT(slurp("local") == 3 * 20 + 2 + 4);
  EXPECT(!memcmp(content, "\2\0\0\0\2TL1", 8) && !memcmp(content + 16, "\0\xff\2\0\0\0", 6));
  EXPECT(!memcmp(content + 22, "\0\0\0\0\2TL1", 8));
  EXPECT(!memcmp(content + 42, "\4\0\0\0\1TL1", 8) && !memcmp(content + 58, "open\4\0\0\0", 8));
  EXPECT(!log_open(&writer, LOG_LOCAL, AT_FDCWD, "local", 0, 3));
  EXPECT(writer.file.size == 66);
  close_log();
  EXPECT(!truncate("local", 65));
  EXPECT(!log_open(&writer, LOG_LOCAL, AT_FDCWD, "local", 0, 3));
  EXPECT(writer.file.size == 0);
  close_log();
  EXPECT(slurp("local.1") == 65);
}

int main(void) {
  local();
  lines();
  long_lines(1 << 20);
  long_lines(1000);
  long_lines(1);
  rotation();
  full_disk();
  many_short_lines();
  return done();
}
