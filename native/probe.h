// One probe of a container's health, from its plan to its result.
#pragma once
#include <stdnoreturn.h>

#include "sandbox.h"

#define PROBE_OUTPUT 4096

struct probe_result {
  int code;  // of the command; -1 when it could not be started or took too long
  struct timespec began, ended;
};

// In a child of the monitor: performs the plan of the file `probe`, writes a probe_result and the output to `result_fd`.
noreturn void probe_run(struct context *monitor, int result_fd);
