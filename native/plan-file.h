// Plans as files: read, parsed, judged.
#pragma once
#include "sandbox.h"

// Reads the plan `path` below `dir`; without `keep` the file is unlinked. False with index and failure noted.
bool plan_load(struct context *c, int dir, const char *path, bool keep);
typedef int perform_step(struct context *c, char **arg, size_t count);
// In the monitor of a container that runs: `perform` gets the arguments of the one operation `word` that is the plan in the file `name` of
// the state directory, which is unlinked. 0, or -1 with the failure noted and its detail in `failure.text`.
int plan_perform_file(struct context *c, const char *name, const char *word, perform_step *perform);
// The context of a run that has nothing yet.
void context_clear(struct context *c);
