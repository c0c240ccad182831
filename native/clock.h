// Times: those that only go forward for waiting, those of the calendar for records.
#pragma once
#include <stdint.h>
#include <time.h>

// Milliseconds that setting the clock does not change.
static inline uint64_t steady_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// From now until then, for poll(2): 0 once it has come.
static inline int steady_left(uint64_t when_ms) {
  uint64_t now = steady_ms();
  return when_ms <= now ? 0 : when_ms - now > 1u << 30 ? 1 << 30 : (int)(when_ms - now);
}

// The shorter of two waits; below zero: there is none.
static inline int sooner(int one, int other) {
  return one < 0 || (other >= 0 && other < one) ? other : one;
}

static inline struct timespec calendar_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}
