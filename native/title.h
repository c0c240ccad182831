// What ps shows of this process.
#pragma once

// Clears arguments and environment in memory, so that /proc/PID/environ and cmdline show nothing of them. `argv` and
// `environ` are dead after this.
void title_take(char **argv, char **envp);
// Command line and comm; `detail` may be NULL.
void title_set(const char *name, const char *detail);
