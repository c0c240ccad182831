// What the launcher starts before it becomes Node.
#pragma once

// Starts what the command of these words is sure to ask, in the background. Returns the variable for Node that tells where the answers
// come, or NULL: nothing was started. Never fails: Node asks by itself then. `dist`: the directory of tsns-ns; `path`: PATH's value or NULL.
const char *start_ahead(int argc, char **argv, const char *dist, const char *path);
