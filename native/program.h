// The command's program, found by its name as a shell does.
#pragma once
#include "sandbox.h"

// The value of a variable of the command's environment; NULL when it has none of that name.
const char *program_variable(struct context *c, const char *name);
// The command's environment, ended by a NULL, with the HOME of its user when it has none or an empty one.
char **program_environment(struct context *c);
// Becomes the program; returns only when that failed, with errno.
void program_become(struct context *c, char **arg);
