// When and where the process runs, and what kind of system it sees: one system call each.
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>

#include "operation.h"
#include "sys.h"
#include "text.h"

#define PROCESSORS_MAX 8192
#define WORD_BITS (8 * sizeof(unsigned long))

// struct sched_attr of linux/sched/types.h with the two values of Linux 5.3.
struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t least, most;
};

static int64_t whole(const char *s) {
  int64_t value = 0;
  parse_signed(s, &value);
  return value;
}

int op_scheduler(struct context *c, char **arg, size_t count) {
  (void)count;
  struct attributes a = {
      .size = sizeof a,
      .policy = (uint32_t)number(arg[0]),
      .nice = (int32_t)whole(arg[1]),
      .priority = (uint32_t)whole(arg[2]),
      .flags = number(arg[3]),
      .runtime = number(arg[4]),
      .deadline = number(arg[5]),
      .period = number(arg[6]),
  };
  return syscall(SYS_sched_setattr, 0, &a, 0) ? fail(c, "sched_setattr", arg[0]) : 0;
}

int op_io_priority(struct context *c, char **arg, size_t count) {
  (void)count;
  const int of_process = 1, class_shift = 13;
  uint64_t class = number(arg[0]), level = number(arg[1]), value = class << class_shift | level;
  // Further bits would be hints.
  if (class > 7 || level > 7) return errno = EINVAL, fail(c, "ioprio_set", arg[class > 7 ? 0 : 1]);
  return syscall(SYS_ioprio_set, of_process, 0, value) ? fail(c, "ioprio_set", arg[0]) : 0;
}

int op_cpu_affinity(struct context *c, char **arg, size_t count) {
  (void)count;
  unsigned long mask[PROCESSORS_MAX / WORD_BITS] = {0};
  size_t digits = strlen(arg[0]);
  if (digits > PROCESSORS_MAX / 4) return errno = EINVAL, fail(c, "parse", arg[0]);
  for (size_t i = 0; i < digits; i++) {
    char digit[2] = {arg[0][digits - 1 - i], 0};
    mask[i * 4 / WORD_BITS] |= (unsigned long)hexadecimal(digit) << i * 4 % WORD_BITS;
  }
  return syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) < 0 ? fail(c, "sched_setaffinity", arg[0]) : 0;
}

// What whoever started this process was bound to is not the container's: the kernel leaves of the mask the processors that there are and that the
// groups allow. Where it refuses, everything runs as it would have.
int op_cpu_affinity_all(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  unsigned long mask[PROCESSORS_MAX / WORD_BITS];
  memset(mask, 0xff, sizeof mask);
  if (syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) >= 0) return 0;
  fail(c, "sched_setaffinity", "all processors");
  report_warning(c);
  return 0;
}

int op_personality(struct context *c, char **arg, size_t count) {
  (void)count;
  return personality(number(arg[0])) < 0 ? fail(c, "personality", arg[0]) : 0;
}
