// Which commands stay for hours, and what V8 is to know of that.
#pragma once

// V8 options for the words of a command, ended by NULL.
const char *const *memory_options(int argc, char **argv);
