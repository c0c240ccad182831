// When a stream that pours is read: not at each few kilobytes, which would wake this process and every client as often.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One stream's recent past. All zero: nothing known yet.
struct pace {
  uint64_t read_us;  // CLOCK_MONOTONIC, the last read
  unsigned streak;   // reads in a row that came close behind one another
  bool drained;      // the last one took all there was
  bool widened;      // its pipe was asked to hold more
};

// Before the read of a stream that is ready: waits, for a quarter of a millisecond at most, while it is known to pour.
void pace_wait(struct pace *pace, int fd);
// After a read of n bytes into room for `size`.
void pace_note(struct pace *pace, size_t n, size_t size);
