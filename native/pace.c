// A program that writes without a pause is read some thousand times a second instead of a hundred thousand: the pipe gathers what
// it writes meanwhile. One that writes now and then is read at once: the wait begins after many reads in a row, close together.
#include "pace.h"

#include <fcntl.h>
#include <time.h>

#define CLOSE_US 500u         // reads no further apart belong to one streak
#define GAP_US 2000u         // a longer pause ends a streak
#define STREAK 16u            // of so many reads: it pours
#define LITTLE 2048u          // bytes: less is somebody who types or tells how far it is
#define WAIT_NS 250000
#define PIPE_BYTES (1 << 18)

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void pace_wait(struct pace *pace, int fd) {
  if (pace->streak < STREAK || !pace->drained) return;
  if (now_us() - pace->read_us > CLOSE_US) return;
  // EPERM (pipe-user-pages-soft) and EBUSY leave it as it was.
  if (!pace->widened) fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
  pace->widened = true;
  nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
}

void pace_note(struct pace *pace, size_t n, size_t size) {
  uint64_t now = now_us();
  bool near = now - pace->read_us <= GAP_US;
  pace->streak = !near || n < LITTLE ? 0 : pace->streak < STREAK ? pace->streak + 1 : STREAK;
  pace->drained = n < size;
  pace->read_us = now;
}
