// A program on a terminal of its own.
#pragma once
#include <stdnoreturn.h>

// argv[2]: number of the control descriptor; then rows, columns, program and arguments.
noreturn void terminal_host(char **argv, char **envp);
