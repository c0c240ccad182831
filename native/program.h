// The command's program, found by its name as a shell does.
#pragma once
#include "sandbox.h"

// The value of a variable of the command's environment; NULL when it has none of that name.
const char *program_variable(struct context *c, const char *name);
// Becomes the program; returns only when that failed, with errno.
void program_become(struct context *c, char **arg);
