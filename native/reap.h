// Process 1 of a container that has a command beside it.
#pragma once
#include <stdnoreturn.h>
#include <sys/types.h>

// Reaps whatever ends and passes signals on to the command, all of which are blocked here; ends as the command does (128+signal).
noreturn void reap_until(pid_t command);
