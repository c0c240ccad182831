// The command `notify` of tsns-sandbox.
#pragma once
#include <stdnoreturn.h>

noreturn void notify_run(char **argv);
