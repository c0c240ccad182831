// Messages from pieces: conditions, times in zones, lengths, what is no piece.
#include "log-format.h"

#include <stdio.h>

#include "expect.h"

static uint8_t program[4096], out[65536];
static size_t used;
static struct log_zone zone = {.count = 2, .from = {0, 1774746000}, .offset = {3600, 7200}};
static const struct log_line whole = {(const uint8_t *)"a\"\n", 3, 0, true, false, 1, {1767225599, 123456789}, NULL};

static bool add(const char *piece) {
  return format_add(program, sizeof program, &used, piece);
}

static void expect_text(const struct log_line *line, const char *wanted) {
  EXPECT(format_bound(program, used, line) >= strlen(wanted));
  size_t n = format_render(out, program, used, line, &zone);
  out[n] = 0;
  if (strcmp((char *)out, wanted)) printf("wanted: %s\ngot: %s\n", wanted, (char *)out);
  EXPECT(n == strlen(wanted) && !memcmp(out, wanted, n));
}

static void expect_piece(const char *piece, const struct log_line *line, const char *wanted) {
  used = 0;
  EXPECT(add(piece));
  expect_text(line, wanted);
}

static void times(void) {
  struct log_line summer = whole, winter = whole;
  summer.when.tv_sec = 1774746000;
  winter.when = (struct timespec){1767571445, 5000};
  expect_piece("*t", &whole, "Jan  1 00:59:59");
  expect_piece("*r", &whole, "2026-01-01T00:59:59+01:00");
  expect_piece("*m", &whole, "2026-01-01T00:59:59.123456+01:00");
  expect_piece("*r", &summer, "2026-03-29T03:00:00+02:00");
  expect_piece("*t", &summer, "Mar 29 03:00:00");
  expect_piece("*m", &winter, "2026-01-05T01:04:05.000005+01:00");
  expect_piece("*n", &whole, "2025-12-31T23:59:59.123456789Z");
  expect_piece("*f", &whole, "1767225599.123");
  zone.offset[0] = -5 * 3600 - 1800;
  expect_piece("*r", &whole, "2025-12-31T18:29:59-05:30");
  zone.offset[0] = 0;
  expect_piece("*r", &whole, "2025-12-31T23:59:59Z");
  zone.count = 0;
  expect_piece("*t", &whole, "Dec 31 23:59:59");
}

static void conditions(void) {
  static const char id[LOG_ID + 1] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  struct log_line first = whole, last = whole;
  first.ended = false;
  first.id = last.id = id;
  last.continued = true;
  last.stream = 1;
  last.ordinal = 12;
  used = 0;
  EXPECT(add("*x2a") && add("ox6f") && add("ex65") && add("wx77") && add("px70") && add("mx6d") && add("lx6c") && add("po") && add("pO"));
  expect_text(&whole, "*ow");
  expect_text(&first, "*opm1\xa1" "1");
  expect_text(&last, "*epl12\xa2" "12");
  expect_piece("pi", &last, id);
  used = 0;
  struct log_line empty = whole;
  empty.size = 0;
  EXPECT(add("*k") && add("*x61") && add("*l"));
  EXPECT(format_render(out, program, used, &empty, &zone) == 0);
  expect_text(&whole, "aa\"\n");
}

static void lines(void) {
  expect_piece("*l", &whole, "a\"\n");
  expect_piece("*j", &whole, "a\\\"\\n");
  used = 0;
  EXPECT(add("*b"));
  EXPECT(format_render(out, program, used, &whole, &zone) == 7 && !memcmp(out, "\0\0\0\3a\"\n", 7));
  used = 0;
  EXPECT(add("*e"));
  EXPECT(format_render(out, program, used, &whole, &zone) == 11 && !memcmp(out, "\3\0\0\0\0\0\0\0a\"\n", 11));
  used = 0;
  EXPECT(add("*u") && add("*v"));
  EXPECT(format_render(out, program, used, &whole, &zone) == 8 && !memcmp(out, "\x69\x55\xb8\xff\x07\x5b\xcd\x15", 8));
  used = 0;
  EXPECT(add("*x"));
  expect_text(&whole, "");
}

static void wrong(void) {
  char large[2 * sizeof program + 8] = "*x";
  memset(large + 2, '0', sizeof large - 3);
  used = 0;
  const char *no[] = {"", "*", "?l", "*?", "*l00", "*x0", "*xzz", large};
  for (size_t i = 0; i < sizeof no / sizeof *no; i++) EXPECT(!add(no[i]) && !used);
}

int main(void) {
  times();
  conditions();
  lines();
  wrong();
  return done();
}
