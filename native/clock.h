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

static inline struct timespec calendar_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}
